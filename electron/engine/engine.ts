import type { Readable } from 'node:stream'
import type { EngineState, LocalImages } from '@shared/engine'
import type { Log } from '../log'
import { Connection } from './connection'
import { discoverTargets } from './discovery'
import { exportImage } from './export'
import { ImageList } from './image-list'
import { imageIdOf, inspectImage, rawImage, removeReference, tagImage, type InspectedImage } from './images'
import { pullImage, type PullOptions } from './pull'
import { pushImage, type TransferOptions } from './push'

export type { EngineAuth } from './authorization'
export type { InspectedImage } from './images'
export type { PullOptions } from './pull'
export type { TransferOptions } from './push'

export interface EngineOptions {
  environment: NodeJS.ProcessEnv
  /** The user's home folder. */
  home: string
  platform: NodeJS.Platform
  /** `auto`, or the id of an endpoint. */
  choice: string
  log: Log
}

interface EngineEvents {
  state: EngineState
  images: LocalImages
}

type Listeners = { [K in keyof EngineEvents]: Set<(payload: EngineEvents[K]) => void> }

/**
 * The container engine, Docker or Podman: found as docker's own client finds it, followed through its events, and asked to
 * push and pull. Every failure is an AppError; without an engine that is the reason in `state.error`.
 */
export class Engine {
  readonly #connection: Connection
  readonly #images: ImageList
  readonly #listeners: Listeners = { state: new Set(), images: new Set() }

  constructor({ environment, home, platform, choice, log }: EngineOptions) {
    const uid = process.getuid?.() ?? null
    const images = new ImageList((list) => this.#emit('images', list))
    this.#images = images
    this.#connection = new Connection({
      find: () => discoverTargets({ environment, home, platform, uid }),
      choice,
      log,
      onState: (state) => this.#emit('state', state),
      onConnected: ({ docker, target }) => images.connect(docker, target.endpoint.id),
      onDisconnected: (error) => images.disconnect(error),
      onImages: () => images.invalidate(),
    })
  }

  get state(): EngineState {
    return this.#connection.state
  }

  get images(): LocalImages {
    return this.#images.current
  }

  /** Looks for an engine and stays with it; returns at once and never throws. */
  start(): void {
    this.#connection.start()
  }

  async stop(): Promise<void> {
    await this.#connection.stop()
    this.#images.stop()
  }

  /** Calls `listener` at every change, until the returned function is called. */
  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): () => void {
    const listeners: Listeners[K] = this.#listeners[event]
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** `auto`, or the id of a candidate; resolves when it is known whether an engine answers there. */
  choose(id: string): Promise<EngineState> {
    return this.#connection.reconnect(id)
  }

  /** Looks anew at once; resolves when it is known how that went. */
  reconnect(): Promise<EngineState> {
    return this.#connection.reconnect()
  }

  /** Lists the images now; a failure is in the answer's `error`. */
  refreshImages(): Promise<LocalImages> {
    return this.#images.refresh()
  }

  /** An image by name or ID; IMAGE_NOT_FOUND. */
  async inspectImage(name: string): Promise<InspectedImage> {
    return inspectImage((await this.#connection.engine()).docker, name)
  }

  /** See `rawImage`. */
  async rawImage(name: string): Promise<unknown> {
    return rawImage((await this.#connection.engine()).docker, name)
  }

  /** Gives an image one more name: `repository` is host and repository. */
  async tagImage(id: string, repository: string, tag: string): Promise<void> {
    await tagImage((await this.#connection.engine()).docker, id, repository, tag)
  }

  /** The image ID behind a name, or null. */
  async imageIdOf(reference: string): Promise<string | null> {
    return imageIdOf((await this.#connection.engine()).docker, reference)
  }

  /** Removes a name, or by ID the whole image; IMAGE_IN_USE, IMAGE_NOT_FOUND. */
  async removeReference(reference: string): Promise<void> {
    await removeReference((await this.#connection.engine()).docker, reference)
  }

  /** See `exportImage`. */
  async exportImage(reference: string, signal: AbortSignal): Promise<Readable> {
    return exportImage((await this.#connection.engine()).docker, reference, signal)
  }

  /** See `pushImage`. */
  async push(options: TransferOptions): Promise<{ digest: string }> {
    return pushImage(await this.#connection.engine(), options)
  }

  /** See `pullImage`. */
  async pull(options: PullOptions): Promise<{ digest: string | null; imageId: string }> {
    return pullImage(await this.#connection.engine(), options)
  }

  #emit<K extends keyof EngineEvents>(event: K, payload: EngineEvents[K]): void {
    for (const listener of this.#listeners[event]) listener(payload)
  }
}
