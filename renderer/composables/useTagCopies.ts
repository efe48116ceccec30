import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { isDigest } from '@shared/reference'
import { useComposerStore } from '@/stores/composer'
import { type TagSource, sourceName } from '@/stores/draft-source'
import { namespaceOf, useRegistriesStore } from '@/stores/registries'

export type TagCopy = 'copyTo' | 'retag' | 'rename' | 'promote'

export interface TagCopyChoice {
  key: TagCopy
  label: string
  /** The same with the tag's own name, for the palette. */
  longLabel: string
  /** The key in the table of tags. */
  hotkey: string
  run: () => void
}

const hotkeys: Record<TagCopy, string> = { copyTo: 'C', retag: 'N', rename: 'F2', promote: 'P' }

/** Copying, naming anew and promoting the tags (or digests) of one repository. */
export function useTagCopies(registryId: () => string, repository: () => string) {
  const { t } = useI18n()
  const composer = useComposerStore()
  const registries = useRegistriesStore()

  const sourceOf = (reference: string): TagSource => ({
    kind: 'tag',
    registryId: registryId(),
    repository: repository(),
    reference,
  })
  /** The user's own namespace, unless these tags are in it already. */
  const tenant = computed(() => {
    const registry = registries.current('private')
    const namespace = registry ? namespaceOf(registry, 'private') : ''
    if (!registry || namespace === '') return null
    const inside = registry.id === registryId() && repository().startsWith(`${namespace}/`)
    return inside ? null : { registryId: registry.id, host: registry.host, namespace }
  })

  const copyTo = (references: readonly string[]): void => composer.copy(references.map(sourceOf))
  const retag = (reference: string): void => composer.copy([sourceOf(reference)], undefined, 'retag')
  const rename = (reference: string): void => composer.copy([sourceOf(reference)], undefined, 'rename')
  function promote(references: readonly string[]): void {
    if (tenant.value) composer.copy(references.map(sourceOf), tenant.value)
  }

  /** What can be done with these tags: naming only with one, renaming not with a digest. */
  function choices(references: readonly string[]): TagCopyChoice[] {
    const [only, ...others] = references
    if (only === undefined) return []
    const name = sourceName(sourceOf(only)).split('/').at(-1) ?? only
    const one = others.length === 0
    const choice = (key: TagCopy, words: Record<string, string>, run: () => void): TagCopyChoice => ({
      key,
      label: t(`push.copy.${key === 'copyTo' ? 'to' : key}`, words),
      longLabel: t(`push.copy.${key === 'copyTo' ? 'to' : key}Of`, { name, ...words }),
      hotkey: hotkeys[key],
      run,
    })
    const to = tenant.value
    return [
      choice('copyTo', {}, () => copyTo(references)),
      ...(one ? [choice('retag', {}, () => retag(only))] : []),
      ...(one && !isDigest(only) ? [choice('rename', {}, () => rename(only))] : []),
      ...(to ? [choice('promote', { namespace: to.namespace }, () => promote(references))] : []),
    ]
  }

  /** Runs what a key means for these tags; false where it means nothing. */
  function press(event: KeyboardEvent, references: readonly string[]): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false
    const pressed = event.key.toUpperCase()
    const found = choices(references).find(({ hotkey }) => hotkey === pressed)
    if (!found) return false
    event.preventDefault()
    found.run()
    return true
  }

  return { sourceOf, choices, press }
}
