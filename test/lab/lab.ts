import { makeAuthority } from './certificate'
import { startDisplay, type Display, type DisplayOptions } from './display'
import { startEngine, type Engine, type EngineOptions } from './engine'
import { startKeyring, type Keyring } from './keyring'
import { startPodman, type Podman, type PodmanOptions } from './podman'
import { startRegistry, type Registry, type RegistryOptions } from './registry'
import { seedPublic, seedTenant } from './seed'
import { temporaryFolder } from './temporary'

/** The parts by name, each with what it may be told. Registries come seeded. */
export interface LabOptions {
  engine?: EngineOptions
  /** Knows the lab's registries as insecure ones. */
  podman?: PodmanOptions
  /** Anonymous, http, with the public library. */
  publicRegistry?: RegistryOptions
  /** Basic over TLS with a private CA, with the tenant 727524. */
  basicRegistry?: RegistryOptions
  /** Bearer over TLS with the same CA, with the public library and the tenant 727524. */
  bearerRegistry?: RegistryOptions
  keyring?: object
  display?: DisplayOptions
}

interface Parts {
  engine: Engine
  podman: Podman
  publicRegistry: Registry
  basicRegistry: Registry
  bearerRegistry: Registry
  keyring: Keyring
  display: Display
}

/** Exactly the parts that were asked for. */
export type Lab<Options extends LabOptions> = Pick<Parts, keyof Options & keyof Parts> & {
  /** Path of the PEM file of the CA that the registries share. */
  ca: string
  stop(): Promise<void>
}

/** Starts the named parts side by side, say `startLab({ engine: {}, keyring: {} })`; all of them or none. */
export async function startLab<Options extends LabOptions>(options: Options): Promise<Lab<Options>> {
  const folder = temporaryFolder('lab')
  const authority = makeAuthority(folder.path)
  const started: { stop(): Promise<void> }[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((part) => part.stop()))
    folder.remove()
  }
  const begin = async <Asked, Part extends { stop(): Promise<void> }>(
    asked: Asked | undefined,
    start: (asked: Asked) => Promise<Part>,
  ): Promise<Part | undefined> => {
    if (asked === undefined) return undefined
    const part = await start(asked)
    started.push(part)
    return part
  }
  const registries = Promise.all([
    begin(options.publicRegistry, (asked) => startRegistry({ name: 'public', ...asked })),
    begin(options.basicRegistry, (asked) =>
      startRegistry({ name: 'basic', auth: 'basic', tls: true, authority, ...asked }),
    ),
    begin(options.bearerRegistry, (asked) =>
      startRegistry({ name: 'bearer', auth: 'bearer', tls: true, authority, ...asked }),
    ),
  ])
  const podman = registries.then((known) =>
    begin(options.podman, (asked) => {
      const hosts = known.flatMap((registry) => (registry === undefined ? [] : [registry.host]))
      return startPodman({ ...asked, insecureRegistries: [...hosts, ...(asked.insecureRegistries ?? [])] })
    }),
  )
  const outcomes = await Promise.allSettled([
    begin(options.engine, startEngine),
    begin(options.keyring, startKeyring),
    begin(options.display, startDisplay),
    registries,
    podman,
  ])
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const [publicRegistry, basicRegistry, bearerRegistry] = await registries
  const value = <T>(outcome: PromiseSettledResult<T>): T | undefined =>
    outcome.status === 'fulfilled' ? outcome.value : undefined
  const parts: { [Name in keyof Parts]: Parts[Name] | undefined } = {
    engine: value(outcomes[0]),
    keyring: value(outcomes[1]),
    display: value(outcomes[2]),
    podman: value(outcomes[4]),
    ...{ publicRegistry, basicRegistry, bearerRegistry },
  }
  for (const registry of [publicRegistry, bearerRegistry]) if (registry) seedPublic(registry.storage)
  for (const registry of [basicRegistry, bearerRegistry]) if (registry) seedTenant(registry.storage)
  return { ...parts, ca: authority.path, stop } as Lab<Options>
}
