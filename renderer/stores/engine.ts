import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { EngineState, LocalImage, LocalImages } from '@shared/engine'
import type { ErrorInfo } from '@shared/error'
import { call, on } from '@/api'
import { errorInfoOf } from '@/call-error'

const unknownEngine: EngineState = {
  status: 'connecting',
  endpoint: null,
  candidates: [],
  product: null,
  version: null,
  platform: null,
  error: null,
  revision: -1,
}

const unknownImages: LocalImages = { images: [], fetchedAt: null, error: null, revision: -1 }

/** The engine and its images as main last told them; a snapshot older than the one at hand is dropped. */
export const useEngineStore = defineStore('engine', () => {
  const state = shallowRef<EngineState>(unknownEngine)
  const images = shallowRef<LocalImages>(unknownImages)
  /** Why main could not be asked for its first snapshot. */
  const error = ref<ErrorInfo | null>(null)

  function takeState(next: EngineState): void {
    if (next.revision >= state.value.revision) state.value = next
  }
  function takeImages(next: LocalImages): void {
    if (next.revision >= images.value.revision) images.value = next
  }

  on('engine:changed', takeState)
  on('local-image:changed', takeImages)

  /** Asks main for the engine and its images again; a failure stays in `error`. */
  async function load(): Promise<void> {
    try {
      takeState(await call('engine:read', undefined))
      takeImages(await call('local-image:list', undefined))
      error.value = null
    } catch (thrown) {
      error.value = errorInfoOf(thrown)
    }
  }

  /** Looks for an engine again; the answer is the state by then. */
  async function reconnect(): Promise<void> {
    takeState(await call('engine:reconnect', undefined))
  }

  /** Connects to the candidate with this id, or finds one by itself (`auto`). */
  async function choose(id: string): Promise<void> {
    takeState(await call('engine:choose', { id }))
  }

  /** Removes a name from the engine, or a whole image by its ID; fails with IMAGE_IN_USE where a container needs it. */
  async function remove(reference: string): Promise<void> {
    await call('local-image:remove', { reference })
  }

  /** The image with this ID, or with this name as the engine writes it. */
  function find(idOrReference: string): LocalImage | undefined {
    return images.value.images.find(
      (image) => image.id === idOrReference || image.references.includes(idOrReference),
    )
  }

  return { state, images, error, load, reconnect, choose, remove, find }
})
