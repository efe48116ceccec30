/** One line of an image's history as the engine's API gives it. Size in bytes on disk. */
export interface HistoryEntry {
  Size: number
  CreatedBy: string
}

/**
 * The size of each layer, in the order of the diff ids, from a history whose newest entry comes first. The API does not say
 * which entry made which layer: those with a size did; where layers are left over, entries that may have made an empty layer
 * (RUN, then COPY, ADD and WORKDIR) take their places. The sum is that of the history, or `fallback` where there is none.
 */
export function layerSizes(layers: number, history: readonly HistoryEntry[], fallback: number): number[] {
  if (layers === 0) return []
  const entries = [...history].reverse()
  const total = entries.reduce((sum, entry) => sum + entry.Size, 0)
  if (total === 0) return spread(layers, [fallback])
  const ranks = entries.map((entry) => rank(entry))
  const order = entries
    .map((_entry, index) => index)
    .sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b)
  const taken = new Set(order.slice(0, layers))
  // Never lose bytes: an entry with a size that found no place adds to the last layer.
  const places = entries.filter((_entry, index) => taken.has(index)).map((entry) => entry.Size)
  const lost = total - places.reduce((sum, size) => sum + size, 0)
  return spread(layers, places, lost)
}

/** Fills up with empty layers behind; `more` goes to the last place that has one. */
function spread(layers: number, sizes: number[], more = 0): number[] {
  const filled = Array.from({ length: layers }, (_unused, index) => sizes[index] ?? 0)
  const last = Math.min(sizes.length, layers) - 1
  filled[last] = (filled[last] ?? 0) + more
  return filled
}

/** How likely an entry made a layer; 0 is certain. */
function rank({ Size, CreatedBy }: HistoryEntry): number {
  if (Size > 0) return 0
  const nop = /#\(nop\)\s+(\S+)/.exec(CreatedBy)?.[1]
  const word = nop ?? /^\s*([A-Z]+)\b/.exec(CreatedBy)?.[1] ?? 'RUN'
  if (word === 'RUN') return 1
  if (word === 'COPY' || word === 'ADD') return 2
  return word === 'WORKDIR' ? 3 : 4
}
