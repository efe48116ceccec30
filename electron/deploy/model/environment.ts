/** Environment variables as engines have them: `NAME=value`. */
import type { DeploymentSpec, EnvironmentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'

/** The spec's variables with the secrets' values filled in; SECRET_MISSING where one has none. */
export function environmentOf(
  spec: Pick<DeploymentSpec, 'environment'>,
  secrets: Readonly<Record<string, string>>,
): string[] {
  return spec.environment.map(({ name, value, secret }) => {
    if (!secret) return `${name}=${value}`
    const hidden = Object.hasOwn(secrets, name) ? secrets[name] : undefined
    if (hidden === undefined) throw new AppError('SECRET_MISSING', { side: 'pool', field: name })
    return `${name}=${hidden}`
  })
}

// Where no label says which values are secret, a name that says so is believed: a secret shown is worse than one hidden.
const secretName = /pass(word|wd|phrase)?|secret|token|credential|private|(api|access|auth)_?key|_key$/i

/**
 * Variables from an engine's inspect, without those that are the image's own. The value of a secret (by `secrets`, or by its
 * name) is left out.
 */
export function environmentFrom(
  entries: readonly string[],
  options: { image: readonly string[]; secrets: readonly string[] | null },
): EnvironmentSpec[] {
  const own = new Set(options.image)
  return entries
    .filter((entry) => !own.has(entry))
    .map((entry) => {
      const equals = entry.indexOf('=')
      const name = equals < 0 ? entry : entry.slice(0, equals)
      const secret = options.secrets ? options.secrets.includes(name) : secretName.test(name)
      return { name, value: secret || equals < 0 ? '' : entry.slice(equals + 1), secret }
    })
}
