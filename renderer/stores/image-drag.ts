import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { LocalImage } from '@shared/engine'
import type { Section } from '@shared/registry'
import type { TagSource } from './draft-source'

/** Where a drop would go: a repository, or (`repository` null) the namespace that a section shows of a registry. */
export interface DropTarget {
  registryId: string
  repository: string | null
  section: Section
}

/** What is being dragged: rows of ours, or files of the system, whose names nobody may know before they are dropped. */
export type Dragged =
  | { kind: 'images'; images: readonly LocalImage[] }
  | { kind: 'tags'; tags: readonly TagSource[] }
  | { kind: 'files'; count: number }

/** What is being dragged, and where it would go if it were dropped now. */
export const useImageDragStore = defineStore('image-drag', () => {
  const dragging = shallowRef<Dragged | null>(null)
  const dropTarget = shallowRef<DropTarget | null>(null)
  return { dragging, dropTarget }
})
