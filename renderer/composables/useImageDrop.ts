import { useRouter } from 'vue-router'
import { onBeforeUnmount, onMounted } from 'vue'
import { pathOf } from '@/api'
import { useComposerStore } from '@/stores/composer'
import { type DropTarget, useImageDragStore } from '@/stores/image-drag'
import type { PushAim } from '@/stores/push-draft'
import { namespaceOf, useRegistriesStore } from '@/stores/registries'
import { droppedImages, droppedTags, pathsIn } from './dropped-things'
import { imagesType, tagsType, useImageDrag } from './useImageDrag'

/** How long a drag rests on a section before it opens, in ms. */
export const springDelay = 600

const targets = '[data-drop-registry]'
const springs = '[data-drop-spring]'
const hoverClass = 'drop-hover'

const carries = (event: DragEvent, type: string): boolean => event.dataTransfer?.types.includes(type) ?? false
const placeOf = (event: Event, selector: string): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null
const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null

/**
 * Makes the whole window a place to drop images, tags and archives: on an element with `data-drop-registry` (and
 * `data-drop-repository`, or `data-drop-section`) they go there; anywhere else images and archives go into the current
 * private registry's namespace, and tags nowhere. Resting on `data-drop-spring` clicks it. A pasted path of an archive
 * opens it too. `onNothing` is told when what was dropped has no path on the disk.
 */
export function useImageDrop(onNothing: () => void): void {
  const store = useImageDragStore()
  const { end } = useImageDrag()
  const composer = useComposerStore()
  const registries = useRegistriesStore()
  const router = useRouter()
  let hovered: HTMLElement | null = null
  let spring: ReturnType<typeof setTimeout> | undefined

  function targetOf(element: HTMLElement | null): DropTarget | null {
    const registryId = element?.dataset.dropRegistry || registries.current('private')?.id
    if (!registryId) return null
    const section = element?.dataset.dropSection === 'public' ? 'public' : 'private'
    return { registryId, repository: element?.dataset.dropRepository || null, section }
  }

  function aimAt({ registryId, repository, section }: DropTarget): PushAim {
    const registry = registries.byId(registryId)
    return { registryId, repository, namespace: registry ? namespaceOf(registry, section) : null }
  }

  /** Tags are not dropped on the repository that they come from, nor where nothing says that they would be copied. */
  function takesTags(target: DropTarget | null): boolean {
    const { dragging } = store
    if (!target || dragging?.kind !== 'tags') return target !== null
    return dragging.tags.some(
      (tag) => tag.registryId !== target.registryId || tag.repository !== target.repository,
    )
  }

  function springAt(element: HTMLElement): (() => void) | null {
    const { dropSpring, dropRegistry, dropRepository, dropSection } = element.dataset
    if (dropSpring !== undefined) return () => element.click()
    // A registry without a repository is a section of the rail: resting on it opens it. The switcher's choices stay.
    if (!dropRegistry || dropRepository || dropSection) return null
    return () => void router.push(`/private/${encodeURIComponent(dropRegistry)}`)
  }

  function hover(element: HTMLElement | null, target: DropTarget | null): void {
    store.dropTarget = target
    if (element === hovered) return
    clearTimeout(spring)
    hovered?.classList.remove(hoverClass)
    element?.classList.add(hoverClass)
    hovered = element
    const open = element && springAt(element)
    if (open) spring = setTimeout(open, springDelay)
  }

  function leave(): void {
    hover(null, null)
    if (store.dragging?.kind === 'files') store.dragging = null
  }

  /** Files of the system tell their number while they hover, never their names. */
  function noteFiles({ dataTransfer }: DragEvent): void {
    const count = [...(dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file').length
    if (store.dragging?.kind !== 'files' || store.dragging.count !== count)
      store.dragging = { kind: 'files', count }
  }

  function over(event: DragEvent): void {
    const tags = carries(event, tagsType)
    const images = carries(event, imagesType)
    if (!tags && !images && !carries(event, 'Files')) return
    event.preventDefault()
    if (!tags && !images) noteFiles(event)
    const spot = placeOf(event, springs)
    const element = placeOf(event, targets)
    const target = element || !tags ? targetOf(element) : null
    const takes = !tags || (element !== null && takesTags(target))
    if (event.dataTransfer) event.dataTransfer.dropEffect = takes ? 'copy' : 'none'
    hover(takes ? (element ?? spot) : spot, takes ? target : null)
  }

  function drop(event: DragEvent): void {
    const element = placeOf(event, targets)
    const target = targetOf(element)
    const aim = target ? aimAt(target) : undefined
    if (carries(event, tagsType)) {
      event.preventDefault()
      if (element && takesTags(target)) composer.copy(droppedTags(event), aim)
    } else if (carries(event, imagesType)) {
      event.preventDefault()
      composer.open(droppedImages(event), aim)
    } else if (carries(event, 'Files')) {
      event.preventDefault()
      openFiles(event.dataTransfer, element ? aim : undefined)
    }
    leave()
    end()
  }

  function openFiles(data: DataTransfer | null, aim: PushAim | undefined): void {
    const paths = [...(data?.files ?? [])].map(pathOf).filter(Boolean)
    if (paths.length > 0) void composer.openArchives(paths, aim)
    else onNothing()
  }

  /** A path that is pasted where nothing is written opens the archive that it names; so does a copied file. */
  function paste(event: ClipboardEvent): void {
    const data = event.clipboardData
    if (!data || event.defaultPrevented || isField(event.target)) return
    const files = [...data.files].map(pathOf).filter(Boolean)
    const paths = files.length > 0 ? files : pathsIn(data.getData('text/plain'))
    if (paths.length === 0) return
    event.preventDefault()
    void composer.openArchives(paths)
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
    document.addEventListener('paste', paste)
  })
  onBeforeUnmount(() => {
    clearTimeout(spring)
    document.removeEventListener('dragenter', over)
    document.removeEventListener('dragover', over)
    document.removeEventListener('drop', drop)
    document.removeEventListener('dragleave', left)
    document.removeEventListener('dragend', leave)
    document.removeEventListener('paste', paste)
  })
}
