import { serialize } from 'node:v8'
import { temporaryFolder } from '../../lab/temporary'
import { constant, percentile, type Row } from '../row'
import { repositoryCount, seedSearch, tagsEach, typedTexts } from '../search-data'
import { draftOf, openServices } from '../services'

const shown = 60

export const search: Row = {
  name: 'search-100k',
  unit: 'ms',
  what: `p99 per key stroke over ${(repositoryCount * tagsEach).toLocaleString('en')} tags, with what is sent to the window`,
  peerName: '16 ms',
  goal: 1,
  async open(ground) {
    const folder = ground.own(temporaryFolder('bench-search'), (part) => part.remove())
    const before = openServices(folder.path)
    const { id } = await before.services.registries.add(draftOf('127.0.0.1:9'))
    await before.close()
    seedSearch(folder.path, id)
    const { services } = ground.own(openServices(folder.path), (part) => part.close())
    const strokes = typedTexts().flatMap((text) =>
      Array.from(text).map((_, at, letters) => letters.slice(0, at + 1).join('')),
    )
    const all: { stroke: string; time: number }[] = []
    return {
      ours() {
        const times = strokes.map((stroke) => {
          const begun = performance.now()
          serialize(services.search.query(stroke, shown))
          const time = performance.now() - begun
          all.push({ stroke, time })
          return time
        })
        return Promise.resolve(percentile(times, 0.99))
      },
      peer: constant(16),
      note() {
        const slowest = all.reduce((a, b) => (b.time > a.time ? b : a))
        const p50 = percentile(
          all.map(({ time }) => time),
          0.5,
        )
        return `${strokes.length} key strokes a run, p50 ${p50.toFixed(1)} ms, the slowest ${slowest.time.toFixed(1)} ms for "${slowest.stroke}"`
      },
    }
  },
}
