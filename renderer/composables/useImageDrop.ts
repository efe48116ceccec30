import { useRouter } from 'vue-router'
import { onBeforeUnmount, onMounted } from 'vue'
import { useComposerStore } from '@/stores/composer'
import { type DropTarget, useImageDragStore } from '@/stores/image-drag'
import { useRegistriesStore } from '@/stores/registries'
import { imagesType, useImageDrag } from './useImageDrag'

/** How long a drag rests on a section before it opens, in ms. */
export const springDelay = 600

const targets = '[data-drop-registry]'
const hoverClass = 'drop-hover'

const carries = (event: DragEvent, type: string): boolean => event.dataTransfer?.types.includes(type) ?? false

/**
 * Makes the whole window a place to drop: on an element with `data-drop-registry` (and `data-drop-repository`) it goes
 * there, anywhere else into the current private registry's namespace. `onFiles` is told when files were dropped.
 */
export function useImageDrop(onFiles: () => void): void {
  const store = useImageDragStore()
  const { end } = useImageDrag()
  const composer = useComposerStore()
  const registries = useRegistriesStore()
  const router = useRouter()
  let hovered: HTMLElement | null = null
  let spring: ReturnType<typeof setTimeout> | undefined

  function targetOf(element: HTMLElement | null): DropTarget | null {
    const registryId = element?.dataset.dropRegistry || registries.current('private')?.id
    return registryId ? { registryId, repository: element?.dataset.dropRepository || null } : null
  }

  function hover(element: HTMLElement | null): void {
    if (element === hovered) return
    clearTimeout(spring)
    hovered?.classList.remove(hoverClass)
    element?.classList.add(hoverClass)
    hovered = element
    store.dropTarget = targetOf(element)
    // A registry without a repository is a section of the rail: resting on it opens it.
    const registryId = element?.dataset.dropRegistry
    if (registryId && !element.dataset.dropRepository) {
      spring = setTimeout(() => void router.push(`/private/${encodeURIComponent(registryId)}`), springDelay)
    }
  }

  function leave(): void {
    hover(null)
    store.dropTarget = null
    store.files = false
  }

  function over(event: DragEvent): void {
    const images = carries(event, imagesType)
    if (!images && !carries(event, 'Files')) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    store.files = !images
    if (!images) return
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>(targets) : null
    if (element !== hovered || store.dropTarget === null) {
      hover(element)
      store.dropTarget = targetOf(element)
    }
  }

  /** Reads the images' IDs; text that is none of ours (the type can be forged by another program) gives none. */
  function droppedIds(event: DragEvent): string[] {
    try {
      const ids: unknown = JSON.parse(event.dataTransfer?.getData(imagesType) ?? '')
      return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : []
    } catch (thrown) {
      if (thrown instanceof SyntaxError) return []
      throw thrown
    }
  }

  function drop(event: DragEvent): void {
    if (carries(event, imagesType)) {
      event.preventDefault()
      const element = event.target instanceof Element ? event.target.closest<HTMLElement>(targets) : null
      composer.open(droppedIds(event), targetOf(element) ?? undefined)
    } else if (carries(event, 'Files')) {
      event.preventDefault()
      onFiles()
    }
    leave()
    end()
  }

  /** Without a related target the pointer has left the window. */
  function left(event: DragEvent): void {
    if (event.relatedTarget === null) leave()
  }

  onMounted(() => {
    document.addEventListener('dragenter', over)
    document.addEventListener('dragover', over)
    document.addEventListener('drop', drop)
    document.addEventListener('dragleave', left)
    document.addEventListener('dragend', leave)
  })
  onBeforeUnmount(() => {
    clearTimeout(spring)
    document.removeEventListener('dragenter', over)
    document.removeEventListener('dragover', over)
    document.removeEventListener('drop', drop)
    document.removeEventListener('dragleave', left)
    document.removeEventListener('dragend', leave)
  })
}
