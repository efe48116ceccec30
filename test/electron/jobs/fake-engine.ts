import { Readable } from 'node:stream'
import type { EngineState } from '@shared/engine'
import { AppError } from '@shared/error'
import type { EngineAccess } from '../../../electron/jobs/engine-access'
import type { InspectedImage, PullOptions, TransferOptions } from '../../../electron/engine/engine'

export const connected: EngineState = {
  status: 'connected',
  endpoint: { id: 'here', source: 'socket', label: 'here', host: 'unix:///here' },
  candidates: [],
  product: 'docker',
  version: '20.10',
  platform: 'linux/amd64',
  error: null,
  revision: 1,
}

/** An engine in memory: images with their names, and what a test says that push and pull do. */
export class FakeEngine implements EngineAccess {
  readonly images = new Map<string, { names: Set<string>; digests: string[]; diffIds: string[] }>()
  state = connected
  /** What `docker save` writes. */
  export: Buffer = Buffer.alloc(0)
  onPush: (options: TransferOptions) => Promise<{ digest: string }> = () =>
    Promise.reject(new Error('no push'))
  onPull: (options: PullOptions) => Promise<{ digest: string | null; imageId: string }> = () =>
    Promise.reject(new Error('no pull'))

  private readonly listeners = new Set<(state: EngineState) => void>()

  add(id: string, names: string[] = [], digests: string[] = []): void {
    this.images.set(id, { names: new Set(names), digests, diffIds: [] })
  }

  /** The names of an image. */
  names(id: string): string[] {
    return [...(this.images.get(id)?.names ?? [])].sort()
  }

  become(state: Partial<EngineState>): void {
    this.state = { ...this.state, ...state }
    for (const listener of this.listeners) listener(this.state)
  }

  on: EngineAccess['on'] = (event, listener) => {
    if (event !== 'state') throw new Error(event)
    const own = listener as (state: EngineState) => void
    this.listeners.add(own)
    return () => void this.listeners.delete(own)
  }

  async inspectImage(name: string): Promise<InspectedImage> {
    const id = await this.imageIdOf(name)
    const image = id === null ? undefined : this.images.get(id)
    if (id === null || !image) throw new AppError('IMAGE_NOT_FOUND', { side: 'engine', reference: name })
    return {
      id,
      references: [...image.names],
      repositoryDigests: image.digests,
      platform: 'linux/amd64',
      diffIds: image.diffIds,
      layerSizes: image.diffIds.map(() => 100),
      size: 1000,
      created: 0,
    }
  }

  tagImage(id: string, repository: string, tag: string): Promise<void> {
    const image = this.images.get(id)
    if (!image) return Promise.reject(new AppError('IMAGE_NOT_FOUND', { side: 'engine' }))
    for (const other of this.images.values()) other.names.delete(`${repository}:${tag}`)
    image.names.add(`${repository}:${tag}`)
    return Promise.resolve()
  }

  imageIdOf(reference: string): Promise<string | null> {
    for (const [id, { names, digests }] of this.images) {
      if (id === reference || names.has(reference) || digests.includes(reference)) return Promise.resolve(id)
    }
    return Promise.resolve(null)
  }

  /** As Docker does it, the image goes with its last name. */
  removeReference(reference: string): Promise<void> {
    for (const [id, { names }] of this.images) {
      if (names.delete(reference) && names.size === 0) this.images.delete(id)
    }
    return Promise.resolve()
  }

  push(options: TransferOptions): Promise<{ digest: string }> {
    return this.onPush(options)
  }

  exportImage(): Promise<Readable> {
    return Promise.resolve(Readable.from([this.export]))
  }

  pull(options: PullOptions): Promise<{ digest: string | null; imageId: string }> {
    return this.onPull(options)
  }
}
