import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ArchiveImage, ArchiveListing } from '@shared/archive'
import type { LocalImage } from '@shared/engine'
import type { Job } from '@shared/job'
import { canonicalHost } from '@shared/reference'
import type { Section } from '@shared/registry'
import { useArchivesStore } from './archives'
import { useDraftPlans } from './draft-plans'
import { type ArchiveSource, type DraftSource, type TagSource, archiveKey } from './draft-source'
import { useEngineStore } from './engine'
import { useJobsStore } from './jobs'
import {
  type DraftMode,
  type DraftProblems,
  type PushAim,
  type PushDraft,
  draftProblems,
  draftRequest,
  isStartable,
  makeDraft,
  planQuestion,
} from './push-draft'
import { hasRole, namespaceOf, useRegistriesStore } from './registries'

export { planDelay } from './draft-plans'

/** An archive with more images than this is not sent whole unless the user says so. */
export const tickedAtOnce = 8

/** The pushes and copies that are being written: what goes where, what the registry says to it, whether it may start. */
export const useComposerStore = defineStore('composer', () => {
  const engine = useEngineStore()
  const jobs = useJobsStore()
  const registries = useRegistriesStore()
  const archives = useArchivesStore()
  const { planOf, plan: askFor, forget, clear } = useDraftPlans()

  const isOpen = ref(false)
  const mode = ref<DraftMode>('push')
  const items = ref<PushDraft[]>([])
  // Images of an archive that are ticked later go where the first ones went.
  let lastAim: PushAim | undefined

  const problems = computed(
    () =>
      new Map<string, DraftProblems>(
        items.value.map((item) => [item.key, draftProblems(item, items.value, planOf(item.key))]),
      ),
  )
  const startable = computed(
    () =>
      items.value.length > 0 &&
      !archives.reading &&
      [...problems.value.values()].every((one) => isStartable(one)),
  )

  /** Asks for a draft's plan once its target rests; `now` asks at once, also where an answer is there. */
  function plan(key: string, now = false): void {
    const item = items.value.find((one) => one.key === key)
    askFor(key, item ? planQuestion(item) : null, now)
  }

  /** The section whose namespace is meant where only a registry is named. */
  const sectionOf = (registryId: string): Section => {
    const registry = registries.byId(registryId)
    return registry && !hasRole(registry, 'private') ? 'public' : 'private'
  }

  function aimOf(target: PushAim | undefined): Parameters<typeof makeDraft>[1] {
    const registry = registries.byId(target?.registryId ?? null) ?? registries.current('private')
    return {
      registryId: registry?.id ?? '',
      host: registry ? canonicalHost(registry.host) : '',
      namespace: target?.namespace ?? (registry ? namespaceOf(registry, sectionOf(registry.id)) : ''),
      repository: target?.repository ?? null,
    }
  }

  function add(sources: readonly DraftSource[], target: PushAim | undefined): void {
    const aim = aimOf(target)
    const known = new Set(items.value.map((item) => item.key))
    const drafts = sources
      .map((source) => makeDraft(source, aim, mode.value))
      .filter(({ key }) => !known.has(key) && known.add(key))
    items.value = [...items.value, ...drafts]
    for (const { key } of drafts) plan(key, true)
  }

  function begin(next: DraftMode, target: PushAim | undefined): void {
    reset()
    mode.value = next
    lastAim = target
    isOpen.value = true
  }

  /**
   * Opens the composer for local images, or for names and IDs of some; without a target for the current private
   * registry's namespace. What the engine does not have is left out; with nothing left the composer stays as it is.
   */
  function open(images: readonly (LocalImage | string)[], target?: PushAim): void {
    const sources = images.flatMap((entry): DraftSource[] => {
      const image = typeof entry === 'string' ? engine.find(entry) : entry
      if (!image) return []
      const named = typeof entry === 'string' && image.references.includes(entry) ? entry : null
      return [{ kind: 'image', image, reference: named ?? image.references[0] ?? null, resumable: false }]
    })
    if (sources.length === 0) return
    begin('push', target)
    add(sources, target)
  }

  const sourceOf = ({ path, kind }: ArchiveListing, image: ArchiveImage): ArchiveSource => ({
    kind: 'archive',
    path,
    archive: kind,
    image,
    reference: image.references[0] ?? null,
  })

  /** Opens archives on disk beside what is being pushed already; without a path, to have one chosen. */
  async function openArchives(paths: readonly string[], target?: PushAim): Promise<void> {
    if (!isOpen.value || mode.value !== 'push') begin('push', target)
    else if (target) lastAim = target
    await Promise.all(paths.map((path) => readArchive(path)))
  }

  /** Reads an archive, again where it is there; its images are ticked unless they are many. */
  async function readArchive(path: string): Promise<void> {
    items.value = items.value.filter(({ source }) => source.kind !== 'archive' || source.path !== path)
    const listing = await archives.open(path)
    const few = listing && listing.images.length <= tickedAtOnce ? listing.images : []
    if (listing)
      add(
        few.map((image) => sourceOf(listing, image)),
        lastAim,
      )
  }

  const isTicked = (path: string, image: number): boolean =>
    items.value.some(({ key }) => key === archiveKey(path, image))

  /** Takes images of an archive into the list, or out of it. */
  function tick(listing: ArchiveListing, images: readonly ArchiveImage[], on: boolean): void {
    if (on)
      return add(
        images.map((image) => sourceOf(listing, image)),
        lastAim,
      )
    const keys = new Set(images.map(({ image }) => archiveKey(listing.path, image)))
    for (const key of keys) forget(key)
    items.value = items.value.filter(({ key }) => !keys.has(key))
  }

  function removeArchive(path: string): void {
    archives.close(path)
    items.value = items.value.filter(({ source }) => source.kind !== 'archive' || source.path !== path)
  }

  /** Opens the composer to copy tags; `retag` and `rename` stay in the tag's own repository. */
  function copy(
    tags: readonly TagSource[],
    target?: PushAim,
    next: Exclude<DraftMode, 'push'> = 'copy',
  ): void {
    if (tags.length === 0) return
    begin(next, target)
    for (const tag of tags) {
      const { registryId, repository } = tag
      add([tag], next === 'copy' ? target : { registryId, repository })
    }
  }

  /** Changes one draft; a changed target is planned anew, and nothing is agreed for it yet. */
  function change(key: string, patch: Partial<Omit<PushDraft, 'key' | 'mode'>>): void {
    const agreed = patch.target ? { agreed: null } : {}
    items.value = items.value.map((item) => (item.key === key ? { ...item, ...agreed, ...patch } : item))
    plan(key)
  }

  /** Takes an image under another of its names: the target is proposed anew, into the same namespace. */
  function chooseReference(key: string, reference: string): void {
    const item = items.value.find((one) => one.key === key)
    if (!item || item.source.kind === 'tag') return
    const { host, tenant } = item.target
    const source = { ...item.source, reference }
    const aim = { registryId: item.registryId, host, namespace: tenant, repository: null }
    change(key, { source, target: makeDraft(source, aim).target })
  }

  /** Aims a draft at another registry's own namespace; its name and tag stay. */
  function chooseRegistry(key: string, registryId: string): void {
    const item = items.value.find((one) => one.key === key)
    const registry = registries.byId(registryId)
    if (!item || !registry) return
    const tenant = namespaceOf(registry, sectionOf(registryId))
    change(key, { registryId, target: { ...item.target, host: canonicalHost(registry.host), tenant } })
  }

  function remove(key: string): void {
    forget(key)
    items.value = items.value.filter((item) => item.key !== key)
    if (items.value.length === 0 && archives.archives.length === 0) close()
  }

  function reset(): void {
    clear()
    archives.clear()
    items.value = []
  }

  function close(): void {
    isOpen.value = false
    reset()
  }

  /**
   * Enqueues every draft and closes. When main refuses one, those before it are under way and leave the composer; the
   * refused one and the rest stay in it, and its error is thrown.
   */
  async function start(): Promise<Job[]> {
    const started: Job[] = []
    if (!startable.value) return started
    for (const item of [...items.value]) {
      started.push(await jobs.enqueue(draftRequest(item, planOf(item.key))))
      remove(item.key)
    }
    close()
    return started
  }

  return {
    isOpen,
    mode,
    items,
    problems,
    startable,
    planOf,
    plan,
    open,
    openArchives,
    readArchive,
    removeArchive,
    isTicked,
    tick,
    copy,
    change,
    chooseReference,
    chooseRegistry,
    remove,
    close,
    start,
  }
})
