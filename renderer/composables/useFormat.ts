import { useI18n } from 'vue-i18n'
import { byteSize, dateTime, duration, isTime, plainNumber, relativeTime, speed } from '../format'

const none = '—'

/** Numbers, sizes, times and durations in the language that is shown; null becomes a dash. Times in ms since 1970. */
export function useFormat() {
  const { locale } = useI18n()
  return {
    bytes: (value: number | null | undefined) => (value == null ? none : byteSize(value, locale.value)),
    number: (value: number | null | undefined) => (value == null ? none : plainNumber(value, locale.value)),
    dateTime: (value: number | null | undefined) => (isTime(value) ? dateTime(value, locale.value) : none),
    relativeTime: (value: number | null | undefined, now = Date.now()) =>
      isTime(value) ? relativeTime(value, now, locale.value) : none,
    /** Seconds. */
    duration: (value: number | null | undefined) => (value == null ? none : duration(value, locale.value)),
    /** Bytes a second. */
    speed: (value: number | null | undefined) => (value == null ? none : speed(value, locale.value)),
  }
}
