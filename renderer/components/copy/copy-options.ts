/** The entries of a menu that copy tags, each with its key. */
import type { DropdownOption } from 'naive-ui'
import { h } from 'vue'
import KeyHint from '@/components/base/KeyHint.vue'
import type { TagCopyChoice } from '@/composables/useTagCopies'

export const copyOptions = (choices: readonly TagCopyChoice[]): DropdownOption[] =>
  choices.map(({ key, label, hotkey }) => ({
    key,
    label: () => h('span', { class: 'menu-entry' }, [label, h(KeyHint, { keys: hotkey })]),
    props: { 'data-testid': `menu-${key}` } as object,
  }))
