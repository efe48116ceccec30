/** Pure steps of the page of local images. */
import type { LocalImage } from '@shared/engine'

export const isDangling = (image: LocalImage): boolean => image.references.length === 0

/** The images whose name, ID or digest has every word of the filter in it. */
export function filterImages(images: readonly LocalImage[], filter: string): readonly LocalImage[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return images
  return images.filter((image) => {
    const text = [image.id, ...image.references, ...image.repositoryDigests].join('\n').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** What a drag or a push of one row means: it first, and every other picked row where it is one of them. */
export function withSelection(
  image: LocalImage,
  selected: ReadonlySet<string>,
  shown: readonly LocalImage[],
): LocalImage[] {
  if (!selected.has(image.id)) return [image]
  return [image, ...shown.filter((one) => one !== image && selected.has(one.id))]
}
