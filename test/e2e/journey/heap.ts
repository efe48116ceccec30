/** What JavaScript holds in the window, and by what. */
import type { Journey } from './journey'

interface HeapSnapshot {
  snapshot: { meta: { node_fields: string[]; edge_fields: string[]; edge_types: [string[], ...unknown[]] } }
  nodes: number[]
  edges: number[]
  strings: string[]
}

export interface Heap {
  /** All texts, a line each. */
  texts: string
  /** By which edges from the root the first text with this part in it is held. */
  wayTo(part: string): string
}

/**
 * All texts that JavaScript holds in the window once what nobody needs has been let go. Left out is what only Chromium itself
 * holds: the value of a field that was on the page stays in its own memory for a while, out of every script's reach.
 */
export async function heapOf(journey: Journey): Promise<Heap> {
  const session = await journey.page.context().newCDPSession(journey.page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await session.send('HeapProfiler.enable')
  for (let time = 0; time < 3; time += 1) await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  return heldTexts(JSON.parse(chunks.join('')) as HeapSnapshot)
}

/** The names of all nodes that are reached from the root by strong edges. */
function heldTexts({ snapshot: { meta }, nodes, edges, strings }: HeapSnapshot): Heap {
  const [width, span] = [meta.node_fields.length, meta.edge_fields.length]
  const [name, id] = [meta.node_fields.indexOf('name'), meta.node_fields.indexOf('id')]
  const edgeCount = meta.node_fields.indexOf('edge_count')
  const [kind, target] = [meta.edge_fields.indexOf('type'), meta.edge_fields.indexOf('to_node')]
  const [kinds] = meta.edge_types
  const weak = kinds.indexOf('weak')
  const named = ['property', 'internal', 'shortcut', 'context'].map((one) => kinds.indexOf(one))
  const nameOf = (node: number): string => strings[nodes[node + name] ?? 0] ?? ''
  const labelOf = (edge: number): string => {
    const label = edges[edge + meta.edge_fields.indexOf('name_or_index')] ?? 0
    return named.includes(edges[edge + kind] ?? 0) ? (strings[label] ?? '') : String(label)
  }
  const firstEdge = new Map<number, number>()
  for (let node = 0, edge = 0; node < nodes.length; node += width) {
    firstEdge.set(node, edge)
    edge += (nodes[node + edgeCount] ?? 0) * span
  }
  /** By which edge of which node each was reached first. */
  const reached = new Map([[0, { from: -1, edge: -1 }]])
  for (const node of reached.keys()) {
    if (nameOf(node) === '(External strings)') continue
    const from = firstEdge.get(node) ?? 0
    for (let edge = from; edge < from + (nodes[node + edgeCount] ?? 0) * span; edge += span) {
      const label = labelOf(edge)
      // Of the text that a regular expression looked at last V8 itself keeps hold, in each of its worlds.
      if (edges[edge + kind] === weak || label === 'regexp_last_match_info') continue
      // The value of a weak map is held by its key alone, from which there is such an edge as well.
      if (label.endsWith(`pair in WeakMap (table @${nodes[node + id] ?? 0})`)) continue
      const to = edges[edge + target] ?? 0
      if (!reached.has(to)) reached.set(to, { from: node, edge })
    }
  }
  const wayTo = (part: string): string => {
    let node = [...reached.keys()].find((one) => nameOf(one).includes(part)) ?? -1
    const way: string[] = []
    while (node > 0) {
      const { from, edge } = reached.get(node) ?? { from: -1, edge: -1 }
      way.unshift(`.${labelOf(edge)} <${nameOf(node).slice(0, 40)}>`)
      node = from
    }
    return way.join(' ')
  }
  return { texts: [...new Set([...reached.keys()].map(nameOf))].join('\n'), wayTo }
}
