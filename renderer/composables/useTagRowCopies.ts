import type { TagRow } from '@shared/browse'
import type { Ref } from 'vue'
import { useImageDrag } from './useImageDrag'
import { useTagCopies } from './useTagCopies'

/** Drag and keys of a table of tags: a picked row stands for all that are picked, any other for itself. */
export function useTagRowCopies(
  registryId: () => string,
  repository: () => string,
  selected: Readonly<Ref<ReadonlySet<string>>>,
) {
  const { sourceOf, press } = useTagCopies(registryId, repository)
  const { startTags, end } = useImageDrag()

  const meant = (tag: string): string[] =>
    selected.value.has(tag) ? [tag, ...[...selected.value].filter((one) => one !== tag)] : [tag]

  /** The row that the table's arrow keys stand on; a focused button of it has its own keys. */
  function activeTag(event: KeyboardEvent): string | undefined {
    const table = event.currentTarget
    if (!(table instanceof HTMLElement) || event.target !== table) return undefined
    const row = document.getElementById(table.getAttribute('aria-activedescendant') ?? '')
    return row?.dataset.tag
  }

  return {
    drag: (row: TagRow, event: DragEvent): void => startTags(meant(row.name).map(sourceOf), event),
    end,
    press(event: KeyboardEvent): void {
      const tag = activeTag(event)
      const tags = tag === undefined ? [...selected.value] : meant(tag)
      press(event, tags)
    },
  }
}
