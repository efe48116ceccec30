import type { Sample, Statistics } from '@shared/running'

/** How long what was measured is shown, in ms. */
export const shownTime = 60 * 60 * 1000

/** Samples of both in order of time, the newer word for the same moment; what is older than an hour goes. */
function mergeSamples(known: readonly Sample[], next: readonly Sample[]): Sample[] {
  const first = next[0]?.at ?? Infinity
  const last = next.at(-1)?.at ?? -Infinity
  const merged = [
    ...known.filter(({ at }) => at < first),
    ...next,
    ...known.filter(({ at }) => at > last && at >= first),
  ]
  const oldest = (merged.at(-1)?.at ?? 0) - shownTime
  return merged.filter(({ at }) => at >= oldest)
}

/** What is known and what came, whether main sent all of the hour or only what is new. */
export function mergeStatistics(known: Statistics, next: Statistics): Statistics {
  if (next.revision < known.revision) return known
  const before = new Map(known.instances.map((instance) => [instance.id, instance]))
  const came = new Set(next.instances.map(({ id }) => id))
  const newest = Math.max(0, ...next.instances.map(({ samples }) => samples.at(-1)?.at ?? 0))
  const gone = known.instances.filter(
    ({ id, samples }) => !came.has(id) && (samples.at(-1)?.at ?? 0) >= newest - shownTime,
  )
  return {
    ...next,
    instances: [
      ...next.instances.map((instance) => ({
        ...instance,
        samples: mergeSamples(before.get(instance.id)?.samples ?? [], instance.samples),
      })),
      ...gone,
    ],
  }
}
