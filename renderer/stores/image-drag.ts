import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { LocalImage } from '@shared/engine'

/** Where a drop would go: a repository, or (`repository` null) a registry's private namespace. */
export interface DropTarget {
  registryId: string
  repository: string | null
}

/** The local images that are being dragged, and where they would go if they were dropped now. */
export const useImageDragStore = defineStore('image-drag', () => {
  const dragging = shallowRef<LocalImage[] | null>(null)
  const dropTarget = shallowRef<DropTarget | null>(null)
  /** Files of the system are over the window. */
  const files = ref(false)
  return { dragging, dropTarget, files }
})
