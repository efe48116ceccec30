import type { DeploymentImage } from '@shared/deployment'
import { toAppError } from '@shared/error'
import type { DeploymentSummary } from '@shared/running'
import type { Log } from '../log'
import { inParallel } from './in-parallel'

export interface DriftOptions {
  /** The manifest digest that the image's tag names now; null: not known. */
  headDigest: (image: DeploymentImage) => Promise<string | null>
  log: Log
}

/** How many registries' answers are waited for at a time. */
const width = 4

/** Which digests the deployed tags name by now, as the registries said when they were last asked. */
export class Drift {
  readonly #options: DriftOptions
  readonly #seen = new Map<string, { digest: string; at: number }>()

  constructor(options: DriftOptions) {
    this.#options = options
  }

  /** The summary with its drift, as far as it is known. */
  apply<S extends DeploymentSummary>(summary: S): S {
    const seen = follows(summary) ? this.#seen.get(keyOf(summary.image)) : undefined
    const drift = seen && seen.digest !== summary.digest ? { digest: seen.digest, seenAt: seen.at } : null
    return { ...summary, drift }
  }

  /** Asks for each tag once. A registry that fails leaves what was known; `strict`: the first failure rejects. */
  async check(deployments: readonly DeploymentSummary[], strict: boolean): Promise<void> {
    const images = new Map(deployments.filter(follows).map(({ image }) => [keyOf(image), image]))
    await inParallel([...images], width, async ([key, image]) => {
      try {
        const digest = await this.#options.headDigest(image)
        if (digest === null) this.#seen.delete(key)
        else this.#seen.set(key, { digest, at: this.#seenAt(key, digest) })
      } catch (error) {
        if (strict) throw error
        const { code } = toAppError(error)
        this.#options.log.debug('a tag was not asked for', { reference: image.reference, code })
      }
    })
  }

  /** Since when the tag names this digest, as far as it was seen from here. */
  #seenAt(key: string, digest: string): number {
    const before = this.#seen.get(key)
    return before?.digest === digest ? before.at : Date.now()
  }
}

/** A digest that was asked for by name does not drift; neither does what nobody knows the digest of. */
const follows = ({ image, digest }: DeploymentSummary): boolean => image.digest === null && digest !== null

const keyOf = ({ registryId, reference }: DeploymentImage): string => `${registryId ?? ''}\n${reference}`
