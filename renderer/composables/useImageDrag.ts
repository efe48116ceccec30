import { storeToRefs } from 'pinia'
import { useI18n } from 'vue-i18n'
import type { LocalImage } from '@shared/engine'
import { shortDigest } from '@shared/reference'
import { type TagSource, sourceName } from '@/stores/draft-source'
import { type Dragged, useImageDragStore } from '@/stores/image-drag'

/** What a drag of local images carries: their IDs as a JSON list. */
export const imagesType = 'application/x-slipway-images'
/** What a drag of a registry's tags carries: a JSON list of `TagSource`. */
export const tagsType = 'application/x-slipway-tags'

/** The picture under the pointer: the first name, and how many there are. It lives only until the browser has copied it. */
function showPicture(data: DataTransfer, name: string, count: string | null): void {
  const picture = document.createElement('div')
  picture.className = 'drag-picture'
  const label = document.createElement('span')
  label.className = 'drag-picture-name'
  label.textContent = name
  picture.append(label)
  if (count !== null) {
    const badge = document.createElement('span')
    badge.className = 'drag-picture-count'
    badge.textContent = count
    picture.append(badge)
  }
  document.body.append(picture)
  data.setDragImage(picture, 16, 16)
  setTimeout(() => picture.remove(), 0)
}

/**
 * Drags rows: `start` or `startTags` from a row's dragstart, `end` from its dragend. A row may leave the page during the
 * drag (another view is opened by hovering), so the next movement of the pointer, which browsers hold back during a drag,
 * ends it too.
 */
export function useImageDrag() {
  const store = useImageDragStore()
  const { dragging, dropTarget } = storeToRefs(store)
  const { t } = useI18n()

  function end(): void {
    store.dragging = null
    store.dropTarget = null
    document.removeEventListener('pointermove', end)
    document.removeEventListener('dragend', end)
  }

  function begin(dragged: Dragged): void {
    document.addEventListener('dragend', end)
    // Changing the page inside dragstart makes Chrome end the drag at once; so what shows the drag comes a moment later.
    setTimeout(() => {
      store.dragging = dragged
      document.addEventListener('pointermove', end)
    }, 0)
  }

  function start(images: LocalImage[], event: DragEvent): void {
    const data = event.dataTransfer
    const first = images[0]
    if (!data || !first) return
    data.effectAllowed = 'copy'
    data.setData(imagesType, JSON.stringify(images.map((image) => image.id)))
    data.setData('text/plain', images.map((image) => image.references[0] ?? image.id).join('\n'))
    const name = first.references[0] ?? shortDigest(first.id)
    showPicture(data, name, images.length > 1 ? t('local.drag.count', { count: images.length }) : null)
    begin({ kind: 'images', images })
  }

  function startTags(tags: readonly TagSource[], event: DragEvent): void {
    const data = event.dataTransfer
    const first = tags[0]
    if (!data || !first) return
    data.effectAllowed = 'copy'
    data.setData(tagsType, JSON.stringify(tags))
    data.setData('text/plain', tags.map(sourceName).join('\n'))
    const count = tags.length > 1 ? t('push.drag.tags', { count: tags.length }) : null
    showPicture(data, sourceName(first), count)
    begin({ kind: 'tags', tags })
  }

  return { dragging, dropTarget, start, startTags, end }
}
