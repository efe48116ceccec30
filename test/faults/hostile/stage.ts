import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inParallel } from '../../../electron/registry/parallel'
import { temporaryFolder, type TemporaryFolder } from '../../lab/temporary'
import { type Counts, noCounts } from '../experiment'
import { type Order, ProgramProcess } from '../program-process'
import type { Case, Complaint } from './case'
import { keptIn } from './kept'
import { type Entry, Ledger, leaksIn, writtenTo } from './ledger'
import { Peak } from './peak'
import { Scene } from './scene'

/** Cases that run side by side: most of their time is waiting. */
const together = 16
/** What one bomb may cost in memory, bytes. */
const mostMemory = 150 * 1024 * 1024
/** Where engines usually are: the program looks there by itself. */
const usualPlaces = /^unix:.*\/(?:no-engine|docker|podman)\.sock$/

export interface Outcome {
  name: string
  complaints: Complaint[]
}

/** The program, all that it did to the world, and the cases that it is put through. */
class Stage {
  private readonly scenes: Scene[] = []
  private readonly outcomes: Outcome[] = []
  /** Files outside of the program's folder that no archive may lead to. */
  readonly canaryFile: string

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly ledger: Ledger,
    private readonly program: ProgramProcess,
    private readonly order: Order,
  ) {
    this.canaryFile = folder.join('outside', 'secret')
  }

  /** `hurried`: time-outs come soon. */
  static async open(hurried: boolean): Promise<Stage> {
    const folder = temporaryFolder('hostile')
    for (const name of ['outside', 'temporary', 'cases']) mkdirSync(folder.join(name))
    writeFileSync(folder.join('outside', 'secret'), '{"os":"linux","architecture":"amd64"}')
    const ledger = new Ledger(folder.join('ledger'), hurried)
    const order: Order = {
      ...{ folder: folder.join('data'), keychain: 'memory', clock: 0 },
      engineHost: `unix://${folder.join('no-engine.sock')}`,
      env: { ...ledger.env, TMPDIR: folder.join('temporary') },
    }
    try {
      return new Stage(folder, ledger, await ProgramProcess.start(order), order)
    } catch (error) {
      folder.remove()
      throw error
    }
  }

  /** Puts the program through cases: bombs one after another, others side by side. */
  async play(cases: readonly Case[]): Promise<void> {
    const alone = cases.some(({ bomb }) => bomb)
    await inParallel(cases, alone ? 1 : together, (each) => this.perform(each))
  }

  /** Stops the program, and looks at all that is left of it. */
  async close(): Promise<Outcome[]> {
    try {
      for (const what of this.program.uncaught) this.complainOfAll('lost', `nothing took ${what}`)
      await this.program.stop()
      this.judge(this.ledger.read())
      for (const what of readdirSync(this.folder.join('temporary')))
        this.complainOfAll('leaked', `left in the temporary folder: ${what}`)
      for (const complaint of keptIn(this.order.folder, this.scenes)) this.complain(complaint)
      return this.outcomes
    } finally {
      this.folder.remove()
    }
  }

  private async perform({ name, bomb, run }: Case): Promise<void> {
    const folder = this.folder.join('cases', String(this.scenes.length))
    mkdirSync(folder)
    const scene = new Scene(name, this.program, folder, this.canaryFile)
    this.scenes.push(scene)
    this.outcomes.push({ name, complaints: scene.complaints })
    const peak = bomb ? new Peak(this.ledger.pid) : null
    try {
      await run(scene)
      await this.program.call('registry:list', undefined)
    } catch (error) {
      scene.complain('lost', error instanceof Error ? (error.stack ?? error.message) : String(error))
    } finally {
      await scene.end()
    }
    const grown = peak?.grown() ?? 0
    scene.check(grown < mostMemory, 'lost', `${Math.round(grown / 1e6)} MB more memory`)
  }

  private judge(entries: readonly Entry[]): void {
    const named = new Set(this.scenes.flatMap((scene) => [...scene.named]))
    const written = [...writtenTo(entries).values()]
    if (written.length === 0) this.complainOfAll('lost', 'the ledger saw nothing')
    for (const entry of entries) {
      if (entry.kind === 'connect' && !named.has(entry.to) && !usualPlaces.test(entry.to))
        this.complainOfAll('leaked', `connected to ${entry.to}`)
      if (
        entry.kind === 'name' &&
        !['127.0.0.1', 'localhost'].includes(entry.host) &&
        !this.isLooked(entry.host)
      )
        this.complainOfAll('leaked', `looked ${entry.host} up`)
      if (entry.kind === 'spawn')
        this.complainOfAll('leaked', `started ${entry.file} ${entry.args.join(' ')}`)
      if (entry.kind === 'open' && this.isOutside(entry))
        this.complainOfAll('leaked', `${entry.writes ? 'wrote' : 'opened'} ${entry.path}`)
    }
    const canaries = this.scenes.flatMap((scene) => scene.canaries)
    for (const { canary, to } of leaksIn(entries, canaries)) {
      const scene = this.scenes.find((each) => each.canaries.includes(canary))
      scene?.complain('leaked', `its ${canary.name} went to ${to}`)
    }
    const seen = canaries.filter((canary) => written.some((bytes) => canary.isIn(bytes.toString('latin1'))))
    if (this.scenes.some(({ signedIn }) => signedIn) && seen.length === 0)
      this.complainOfAll('lost', 'the ledger saw no secret at its owner')
    for (const file of filesBelow(this.order.folder)) {
      const text = readFileSync(file, 'latin1')
      for (const canary of canaries)
        if (canary.isIn(text)) this.complainOfAll('leaked', `${canary.name} in ${file}`)
    }
  }

  private isLooked(host: string): boolean {
    return this.scenes.some((scene) => scene.lookedUp.has(host))
  }

  /** Written outside of the data folder, or anything at all of what lies outside. */
  private isOutside({ path, writes }: { path: string; writes: boolean }): boolean {
    if (path.startsWith(this.folder.join('outside')) || path === '/etc/passwd' || path === '/etc/shadow')
      return true
    const own = [this.order.folder, this.folder.join('temporary'), '/dev/null']
    return writes && !own.some((place) => path.startsWith(place))
  }

  private complain({ case: name, harm, what }: Complaint): void {
    const scene = this.scenes.find((each) => each.name === name)
    if (scene) scene.complain(harm, what)
    else this.complainOfAll(harm, what)
  }

  /** What cannot be said to be one case's. */
  private complainOfAll(harm: Complaint['harm'], what: string): void {
    const name = 'all cases together'
    let outcome = this.outcomes.find((each) => each.name === name)
    if (!outcome) this.outcomes.push((outcome = { name, complaints: [] }))
    if (outcome.complaints.length < 50) outcome.complaints.push({ case: name, harm, what })
  }
}

/**
 * Puts the program through all cases, and tells what came of each. Bombs have a program of their own, whose time-outs are the
 * real ones: it has much to do.
 */
export async function playAll(cases: readonly Case[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const bombs of [false, true]) {
    const chosen = cases.filter(({ bomb = false }) => bomb === bombs)
    if (chosen.length === 0) continue
    const stage = await Stage.open(!bombs)
    try {
      await stage.play(chosen)
    } finally {
      outcomes.push(...(await stage.close()))
    }
  }
  return outcomes
}

/** The numbers of an experiment. */
export function countsOf(outcomes: readonly Outcome[]): Counts {
  const counts = { ...noCounts(), runs: outcomes.length }
  for (const { harm } of outcomes.flatMap(({ complaints }) => complaints)) counts[harm] += 1
  return counts
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}
