import type { TagRow } from '@shared/browse'
import type { Ref } from 'vue'
import { useImageDrag } from './useImageDrag'
import { useImageActions } from './useImageActions'
import { useTagCopies } from './useTagCopies'

const isPlainKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent, wanted: string): boolean =>
  key.toUpperCase() === wanted && !ctrlKey && !metaKey && !altKey && !shiftKey

/** Drag and keys of a table of tags: a picked row stands for all that are picked, any other for itself. */
export function useTagRowCopies(
  registryId: () => string,
  repository: () => string,
  selected: Readonly<Ref<ReadonlySet<string>>>,
) {
  const { sourceOf, press } = useTagCopies(registryId, repository)
  const { startTags, end } = useImageDrag()
  const { deploy } = useImageActions(registryId, repository)

  const meant = (tag: string): string[] =>
    selected.value.has(tag) ? [tag, ...[...selected.value].filter((one) => one !== tag)] : [tag]

  /** The row whose button has the focus, or the one that the table's arrow keys stand on. */
  function activeTag({ target, currentTarget: table }: KeyboardEvent): string | undefined {
    const focused = target instanceof Element ? target.closest<HTMLElement>('[data-tag]') : null
    if (focused || !(table instanceof HTMLElement)) return focused?.dataset.tag
    return document.getElementById(table.getAttribute('aria-activedescendant') ?? '')?.dataset.tag
  }

  return {
    drag: (row: TagRow, event: DragEvent): void => startTags(meant(row.name).map(sourceOf), event),
    end,
    press(event: KeyboardEvent): void {
      const tag = activeTag(event)
      const tags = tag === undefined ? [...selected.value] : meant(tag)
      const only = tag ?? tags[0]
      if (!press(event, tags) && isPlainKey(event, 'D') && only !== undefined) {
        event.preventDefault()
        deploy(only)
      }
    },
  }
}
