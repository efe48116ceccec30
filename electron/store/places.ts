import { join } from 'node:path'
import { Place, type Places } from '@shared/search'
import { z } from 'zod'
import type { Log } from '../log'
import { JsonFile } from './json-file'
import { Listeners } from './listeners'

const mostPins = 200
const mostRecent = 50

const PlacesFile = z.object({
  version: z.literal(1),
  pins: z.array(Place),
  recent: z.array(Place.extend({ visitedAt: z.number() })),
})
type PlacesFile = z.infer<typeof PlacesFile>

const isSame = (a: Place, b: Place): boolean =>
  a.registryId === b.registryId &&
  a.section === b.section &&
  a.repository === b.repository &&
  a.reference === b.reference

const bare = ({ registryId, section, repository, reference }: Place): Place => ({
  registryId,
  section,
  repository,
  reference,
})

/** The user's pins (at most 200) and recent places (at most 50, newest first), in `places.json`. */
export class PlacesStore {
  private readonly file: JsonFile<PlacesFile>
  private readonly listeners = new Listeners<Places>()
  private revision = 0

  constructor(
    folder: string,
    log: Log,
    private readonly now: () => number = Date.now,
  ) {
    this.file = new JsonFile<PlacesFile>({
      file: join(folder, 'places.json'),
      schema: PlacesFile,
      fallback: { version: 1, pins: [], recent: [] },
      log,
    })
  }

  read(): Places {
    const { pins, recent } = this.file.read()
    return { pins, recent, revision: this.revision }
  }

  /** Puts a place first among the recent ones. STORE_FAILED leaves everything as it was. */
  async visit(place: Place): Promise<Places> {
    const visited = { ...bare(place), visitedAt: this.now() }
    return this.change((file) => ({
      ...file,
      recent: [visited, ...file.recent.filter((other) => !isSame(other, place))].slice(0, mostRecent),
    }))
  }

  /** Pins a place after the others, or takes its pin away; with too many pins the oldest makes way. */
  async pin(place: Place, pinned: boolean): Promise<Places> {
    return this.change((file) => {
      const isPinned = file.pins.some((other) => isSame(other, place))
      if (pinned && isPinned) return file
      const others = file.pins.filter((other) => !isSame(other, place))
      return { ...file, pins: (pinned ? [...others, bare(place)] : others).slice(-mostPins) }
    })
  }

  /** Takes out the places of a registry that was removed. */
  async forgetRegistry(registryId: string): Promise<void> {
    const isOf = (place: Place): boolean => place.registryId === registryId
    const { pins, recent } = this.file.read()
    if (!pins.some(isOf) && !recent.some(isOf)) return
    await this.change((file) => ({
      ...file,
      pins: file.pins.filter((place) => !isOf(place)),
      recent: file.recent.filter((place) => !isOf(place)),
    }))
  }

  on(listener: (places: Places) => void): () => void {
    return this.listeners.add(listener)
  }

  private async change(next: (file: PlacesFile) => PlacesFile): Promise<Places> {
    await this.file.change(next)
    this.revision += 1
    const places = this.read()
    this.listeners.tell(places)
    return places
  }
}
