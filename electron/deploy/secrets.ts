import type { DeploymentSpec } from '@shared/deployment'
import { AppError, toAppError } from '@shared/error'
import type { Credentials, KeptIn } from '../credentials/credentials'

/** Where secrets are kept: the keychain, or memory until the program ends. */
export type SecretKeeper = Pick<Credentials, 'keep' | 'find' | 'forget'>

/** Asks what runs for the values of variables; those that it does not have are left out. */
export type AskRunning = (names: readonly string[]) => Promise<Record<string, string>>

type Values = Record<string, string>

const accountOf = (id: string, name: string): string => `deployment/${id}/${name}`

export const secretNamesOf = (spec: Pick<DeploymentSpec, 'environment'>): string[] =>
  spec.environment.filter(({ secret }) => secret).map(({ name }) => name)

/** Values of secret environment variables, by deployment and name. They go to an engine and nowhere else. */
export class DeploymentSecrets {
  constructor(private readonly keeper: SecretKeeper) {}

  /** Keeps values in one place; a keychain's refusal (KEYCHAIN_...) is thrown. */
  async keep(id: string, values: Readonly<Values>, where: KeptIn): Promise<void> {
    for (const [name, value] of Object.entries(values))
      await this.keeper.keep(accountOf(id, name), value, where)
  }

  /**
   * The values of all secret variables of a spec: as given, else as kept, else as they run now (on a machine whose keychain has
   * none). SECRET_MISSING with the variable's name; why the keychain did not answer, where that is the reason.
   */
  async complete(
    id: string,
    spec: Pick<DeploymentSpec, 'name' | 'environment'>,
    given: Readonly<Values>,
    running: AskRunning | null,
  ): Promise<Values> {
    const names = secretNamesOf(spec)
    const values = new Map<string, string>()
    let refused: AppError | null = null
    for (const name of names) {
      if (Object.hasOwn(given, name)) values.set(name, given[name] ?? '')
      else if (!refused) {
        const kept = await this.keeper.find(accountOf(id, name)).catch((thrown: unknown) => {
          refused = toAppError(thrown)
          return null
        })
        if (kept !== null) values.set(name, kept)
      }
    }
    const missing = names.filter((name) => !values.has(name))
    if (missing.length > 0 && running) {
      for (const [name, value] of Object.entries(await running(missing))) values.set(name, value)
    }
    const lost = missing.find((name) => !values.has(name))
    if (lost !== undefined) {
      const context = { side: 'pool' as const, deployment: spec.name, field: lost }
      throw refused ?? new AppError('SECRET_MISSING', context)
    }
    return Object.fromEntries(values)
  }

  /** Forgets values; one that is not kept is no error. */
  async forget(id: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.keeper.forget(accountOf(id, name))
  }
}
