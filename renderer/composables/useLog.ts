import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { EventPayload } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import type { DeploymentKey } from '@shared/running'
import { call, on } from '@/api'
import { errorInfoOf } from '@/call-error'
import { LogBuffer } from '@/components/deployment/log-buffer'
import { StreamEvents } from './stream-events'

/** What of a log is asked for. `tail` null: all; `since` in ms since 1970. */
export interface LogWish {
  instanceId: string | null
  tail: number | null
  since: number | null
}

/**
 * A deployment's log, followed while it is shown and opened anew when the wish changes. The buffer is no reactive thing:
 * `revision` moves, at most once a frame, when it has more.
 */
export function useLog(key: DeploymentKey, wish: () => LogWish) {
  const buffer = new LogBuffer()
  const revision = ref(0)
  const status = ref<'opening' | 'open' | 'ended' | 'failed'>('opening')
  const error = shallowRef<ErrorInfo | null>(null)
  let close: (() => void) | null = null
  let frame = 0

  function tell(): void {
    if (frame !== 0) return
    frame = requestAnimationFrame(() => {
      frame = 0
      revision.value += 1
    })
  }

  function open(): void {
    close?.()
    buffer.clear()
    tell()
    status.value = 'opening'
    error.value = null
    let over = false
    let streamId: string | null = null
    const events = new StreamEvents<EventPayload<'log:lines'>>(({ lines, ended, error: failure }) => {
      buffer.add(lines)
      tell()
      if (failure) error.value = failure
      if (ended) status.value = failure ? 'failed' : 'ended'
    })
    const off = on('log:lines', (event) => events.take(event.streamId, event))
    // A stream that ended by itself is gone in main; closing it again is no failure that anybody could act on.
    const end = (id: string): void => void call('log:close', { streamId: id }).catch(() => undefined)
    close = () => {
      over = true
      off()
      if (streamId !== null) end(streamId)
    }
    const { poolId, id } = key
    call('log:open', { poolId, id, ...wish() }).then(
      (answer) => {
        if (over) return end(answer.streamId)
        streamId = answer.streamId
        status.value = 'open'
        events.begin(answer.streamId)
      },
      (thrown: unknown) => {
        if (over) return
        status.value = 'failed'
        error.value = errorInfoOf(thrown)
      },
    )
  }

  watch(() => JSON.stringify(wish()), open, { immediate: true })
  onScopeDispose(() => {
    close?.()
    cancelAnimationFrame(frame)
  })

  /** Saves the whole log of what is chosen; answers the path, or null when the dialog was closed. */
  const save = (): Promise<string | null> =>
    call('log:save', { poolId: key.poolId, id: key.id, instanceId: wish().instanceId })

  return { buffer, revision, status, error, open, save }
}
