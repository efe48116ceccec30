import type { Part, Progress } from '@shared/job'
import type { Message } from './message'

export interface Layer {
  /** As the engine shortens it: twelve digits, of the diff id for a push, of the blob's digest for a pull. */
  id: string
  /** Bytes. */
  size: number
}

type State = Part['state']

/** Status texts of Docker and Podman. What is not here is no statement about a layer. */
const states: Record<string, State> = {
  Preparing: 'waiting',
  Waiting: 'waiting',
  'Pulling fs layer': 'waiting',
  Pushing: 'active',
  Downloading: 'active',
  'Verifying Checksum': 'active',
  'Download complete': 'extracting',
  Extracting: 'extracting',
  'Layer already exists': 'exists',
  'Already exists': 'exists',
  Pushed: 'done',
  'Pull complete': 'done',
}

const finished: readonly State[] = ['done', 'exists', 'mounted']

/**
 * Folds an engine's messages into Progress. Bytes are those that are sent or downloaded; a layer that is there already or
 * was mounted counts as complete.
 */
export class TransferProgress {
  readonly #phase: 'pushing' | 'pulling'
  readonly #parts = new Map<string, Part>()
  /** Layers that were announced by the caller and not yet by the engine. */
  readonly #announced = new Set<string>()

  /** `layers`, where known, give the total from the start. */
  constructor(phase: 'pushing' | 'pulling', layers: readonly Layer[] = []) {
    this.#phase = phase
    for (const { id, size } of layers) {
      this.#parts.set(id, { id, state: 'waiting', completed: 0, total: size })
      this.#announced.add(id)
    }
  }

  /** Takes a message; answers whether it changed anything. */
  take(message: Message): boolean {
    const { id, status } = message
    if (!id || !status) return false
    const state = stateOf(status)
    if (state === null) return false
    const part = this.#partOf(id)
    const { current, total } = message.progressDetail ?? {}
    if (state === 'active' || state === 'retrying') {
      if (status !== 'Verifying Checksum')
        part.completed = state === 'retrying' ? 0 : (current ?? part.completed)
      // Docker estimates a size before it has packed the layer; the estimate grows with what was sent.
      if (total && total > 0) part.total = total
      if (part.total !== null && part.completed > part.total) part.completed = part.total
    } else if (state !== 'waiting') {
      part.completed = part.total ?? part.completed
    }
    part.state = finished.includes(part.state) && state === 'extracting' ? part.state : state
    return true
  }

  /** The engine has said that all is well: every layer is complete. */
  finish(): void {
    for (const part of this.#parts.values()) {
      part.completed = part.total ?? part.completed
      part.total = part.completed
      if (!finished.includes(part.state)) part.state = 'done'
    }
  }

  /** How far it is now; a copy that does not change any more. */
  snapshot(phase?: Progress['phase']): Progress {
    const parts = [...this.#parts.values()].map((part) => ({ ...part }))
    const known = parts.every((part) => part.total !== null || part.state === 'exists')
    const total = sum(parts.map((part) => part.total ?? part.completed))
    return {
      phase: phase ?? this.#currentPhase(parts),
      completed: sum(parts.map((part) => part.completed)),
      total: known && total > 0 ? total : null,
      parts,
    }
  }

  #currentPhase(parts: Part[]): Progress['phase'] {
    if (parts.length === 0) return 'preparing'
    const open = parts.filter((part) => !finished.includes(part.state))
    return open.length > 0 && open.every((part) => part.state === 'extracting') ? 'extracting' : this.#phase
  }

  #partOf(id: string): Part {
    const known = this.#parts.get(id)
    if (known) {
      this.#announced.delete(id)
      return known
    }
    // The engine names layers otherwise than announced (the containerd store does): its own names count.
    for (const announced of this.#announced) this.#parts.delete(announced)
    this.#announced.clear()
    const part: Part = { id, state: 'waiting', completed: 0, total: null }
    this.#parts.set(id, part)
    return part
  }
}

function stateOf(status: string): State | null {
  if (status.startsWith('Mounted from')) return 'mounted'
  if (status.startsWith('Retrying in')) return 'retrying'
  return Object.hasOwn(states, status) ? (states[status] ?? null) : null
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)
