import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { plainText } from '@/components/deployment/ansi-text'
import type { LogBuffer } from '@/components/deployment/log-buffer'

/** How long the search works at a time before the window draws again, in ms. */
const slice = 8
/** Lines looked at between two looks at the clock. */
const stride = 500

/**
 * The numbers of the lines that hold a text, letters in either case, in order; goes on by itself as lines come and go.
 * `current` is the match that was gone to.
 */
export function useLogSearch(
  buffer: LogBuffer,
  revision: Readonly<Ref<number>>,
  query: Readonly<Ref<string>>,
) {
  const wanted = computed(() => query.value.toLowerCase())
  const count = ref(0)
  const searching = ref(false)
  const current = ref<number | null>(null)
  let matches: number[] = []
  let next = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** What was asked for before anything was found. */
  let wish: (() => void) | null = null

  function look(): void {
    timer = undefined
    const until = performance.now() + slice
    next = Math.max(next, buffer.first)
    while (next < buffer.end && performance.now() < until) {
      const stop = Math.min(next + stride, buffer.end)
      for (; next < stop; next++) {
        const line = buffer.get(next)
        if (line && plainText(line.text).toLowerCase().includes(wanted.value)) matches.push(next)
      }
    }
    const gone = matches.findIndex((number) => number >= buffer.first)
    if (gone !== 0) matches = gone < 0 ? [] : matches.slice(gone)
    count.value = matches.length
    searching.value = next < buffer.end
    if (searching.value) return goOn()
    wish?.()
    wish = null
  }
  function goOn(): void {
    if (wanted.value !== '') timer ??= setTimeout(look)
  }
  function begin(): void {
    clearTimeout(timer)
    timer = undefined
    matches = []
    wish = null
    count.value = 0
    current.value = null
    searching.value = wanted.value !== ''
    next = buffer.first
    goOn()
  }

  watch(wanted, begin, { immediate: true })
  watch(revision, () => {
    // Opened anew, the numbers begin again.
    if (buffer.end < next) begin()
    else goOn()
  })
  onScopeDispose(() => clearTimeout(timer))

  /** The next match after (1) or before (-1) the current one, else from this line; round at the end. Null: there is none. */
  function step(direction: 1 | -1, from: number): number | null {
    if (matches.length === 0) return null
    const at = current.value ?? from - direction
    // The matches are in order: those before and after a line are what stands before and after one place.
    const after = matches.findIndex((number) => number > at)
    const before = matches.findIndex((number) => number >= at) - 1
    const found = matches[direction === 1 ? after : before < -1 ? matches.length - 1 : before]
    current.value = found ?? (direction === 1 ? matches[0] : matches.at(-1)) ?? null
    return current.value
  }

  /** Goes to the next match, or the one before; where nothing is found yet, once all lines have been looked at. */
  function seek(direction: 1 | -1, from: () => number, go: (line: number) => void): void {
    const now = (): void => {
      const line = step(direction, from())
      if (line !== null) go(line)
    }
    if (searching.value && matches.length === 0) wish = now
    else now()
  }

  /** Which of the matches is the current one, counted from 1; 0 where none is. */
  const position = computed(() => {
    void count.value
    return current.value === null ? 0 : matches.indexOf(current.value) + 1
  })

  return { count, searching, current, position, seek }
}
