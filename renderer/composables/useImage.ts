import type { ImageSnapshot, ImageVariant } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import { formatPlatform } from '@shared/oci'
import { isTag } from '@shared/reference'
import { computed, onMounted } from 'vue'
import { useImagesStore } from '../stores/images'
import { useRegistriesStore } from '../stores/registries'
import { useQueryText } from './useQueryText'

export type ImageCondition = 'ready' | 'loading' | 'failed' | 'gone'

/** What a variant is called in tabs and in the address: its platform, or else its digest. */
export const variantName = (variant: ImageVariant): string =>
  variant.platform ? formatPlatform(variant.platform) : variant.digest

const isPlatform = (variant: ImageVariant): boolean => variant.kind === 'image' || variant.kind === 'schema1'

/** One reference while its page is shown, and the variant of it that is looked at (`?platform=`). */
export function useImage(registryId: string, repository: string, reference: string) {
  const registries = useRegistriesStore()
  const images = useImagesStore()
  const wanted = useQueryText('platform')

  const registry = computed(() => registries.byId(registryId))
  const entry = computed(() => images.entry(registryId, repository, reference))
  const snapshot = computed<ImageSnapshot | null>(() => entry.value?.snapshot ?? null)
  const error = computed<ErrorInfo | null>(() => entry.value?.error ?? snapshot.value?.error ?? null)
  const condition = computed<ImageCondition>(() => {
    if (!registry.value) return 'gone'
    if (snapshot.value?.digest) return 'ready'
    return error.value ? 'failed' : 'loading'
  })

  const variants = computed(() => snapshot.value?.variants ?? [])
  /** Those that an engine could run come first to mind; attestations are told under Platforms. */
  const platforms = computed(() => variants.value.filter(isPlatform))
  const variant = computed<ImageVariant | null>(
    () =>
      variants.value.find((one) => one.digest === wanted.value || variantName(one) === wanted.value) ??
      platforms.value[0] ??
      variants.value[0] ??
      null,
  )
  const tag = isTag(reference) ? reference : null

  const refresh = (): void => void images.open(registryId, repository, reference, 'force')
  onMounted(() => {
    if (registry.value) void images.open(registryId, repository, reference)
  })

  return {
    registry,
    snapshot,
    error,
    condition,
    variants,
    platforms,
    variant,
    tag,
    refresh,
    choose: (one: ImageVariant): void =>
      void (wanted.value = one.platform && isUnique(one) ? variantName(one) : one.digest),
  }

  /** Two entries of one index may claim the same platform; then only the digest tells them apart. */
  function isUnique(one: ImageVariant): boolean {
    return variants.value.filter((other) => variantName(other) === variantName(one)).length === 1
  }
}
