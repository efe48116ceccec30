import type Dockerode from 'dockerode'
import type { DeploymentSpec } from '@shared/deployment'
import { inspectContainer } from './inspected'

export const secretNames = (spec: DeploymentSpec): string[] =>
  spec.environment.filter(({ secret }) => secret).map(({ name }) => name)

/** Values that variables have in a container; those that it does not have are left out. */
export async function secretsIn(
  docker: Dockerode,
  id: string,
  names: readonly string[],
): Promise<Record<string, string>> {
  if (names.length === 0) return {}
  const { Config } = await inspectContainer(docker, id)
  const values = new Map(
    (Config.Env ?? []).map((entry) => {
      const equals = entry.indexOf('=')
      return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
    }),
  )
  return Object.fromEntries(
    names.flatMap((name) => (values.has(name) ? [[name, values.get(name) ?? '']] : [])),
  )
}
