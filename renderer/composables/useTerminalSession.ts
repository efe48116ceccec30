import { onScopeDispose, ref, shallowRef } from 'vue'
import type { EventPayload } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import type { DeploymentKey } from '@shared/running'
import { call, on } from '@/api'
import { errorInfoOf } from '@/call-error'
import { StreamEvents } from './stream-events'

export interface TerminalSize {
  columns: number
  rows: number
}

/** A shell in an instance, until it ends or its page is left. `onOutput` gets what it writes. */
export function useTerminalSession(key: DeploymentKey, onOutput: (data: string) => void) {
  const status = ref<'closed' | 'opening' | 'open' | 'ended' | 'failed'>('closed')
  const exitCode = ref<number | null>(null)
  const error = shallowRef<ErrorInfo | null>(null)
  let terminalId: string | null = null
  let end: (() => void) | null = null

  function failed(thrown: unknown): void {
    // Main ends a terminal on its own; what was still typed then has nowhere to go.
    if (status.value !== 'open') return
    status.value = 'failed'
    error.value = errorInfoOf(thrown)
  }

  function close(): void {
    end?.()
    end = null
  }

  async function open(instanceId: string, size: TerminalSize): Promise<void> {
    close()
    status.value = 'opening'
    error.value = null
    exitCode.value = null
    let over = false
    const output = new StreamEvents<EventPayload<'terminal:output'>>(({ data }) => onOutput(data))
    const ending = new StreamEvents<EventPayload<'terminal:ended'>>((event) => {
      status.value = 'ended'
      exitCode.value = event.exitCode
      terminalId = null
    })
    const off = [
      on('terminal:output', (event) => output.take(event.terminalId, event)),
      on('terminal:ended', (event) => ending.take(event.terminalId, event)),
    ]
    // A shell that ended meanwhile is gone in main already.
    const quit = (id: string): void => void call('terminal:close', { terminalId: id }).catch(() => undefined)
    end = () => {
      over = true
      for (const stop of off) stop()
      if (terminalId !== null) quit(terminalId)
      terminalId = null
      status.value = 'closed'
    }
    try {
      const { poolId, id } = key
      const answer = await call('terminal:open', { poolId, id, instanceId, ...size })
      if (over) return quit(answer.terminalId)
      terminalId = answer.terminalId
      status.value = 'open'
      output.begin(answer.terminalId)
      ending.begin(answer.terminalId)
    } catch (thrown) {
      if (over) return
      status.value = 'failed'
      error.value = errorInfoOf(thrown)
    }
  }

  function write(data: string): void {
    if (terminalId === null) return
    // The contract takes a million characters at a time.
    for (let at = 0; at < data.length; at += 500_000) {
      call('terminal:write', { terminalId, data: data.slice(at, at + 500_000) }).catch(failed)
    }
  }
  function resize(size: TerminalSize): void {
    if (terminalId !== null) call('terminal:resize', { terminalId, ...size }).catch(failed)
  }
  onScopeDispose(close)

  return { status, exitCode, error, open, write, resize, close }
}
