import type Dockerode from 'dockerode'
import { z } from 'zod'
import { ipAddress } from '../ip-address'
import { parsePortKey } from '../model/ports'
import { asking } from './error'
import type { ListedPort } from './listing'

const text = z.string().nullish().catch(null)
const Bindings = z
  .record(z.string(), z.array(z.object({ HostIp: text, HostPort: text })).nullish())
  .nullish()
  .catch(null)

/** What is read of a container; an engine may leave out or change what is not needed to go on. */
const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number().catch(0),
  State: z.object({
    Status: z.string(),
    Running: z.boolean().catch(false),
    Restarting: z.boolean().catch(false),
    ExitCode: z.number().catch(0),
    OOMKilled: z.boolean().catch(false),
    Error: text,
    Health: z
      .object({ Status: text, Log: z.array(z.object({ Output: text })).nullish() })
      .nullish()
      .catch(null),
    // Podman before 4.4 writes it so.
    Healthcheck: z.object({ Status: text }).nullish().catch(null),
  }),
  Config: z.object({
    Env: z.array(z.string()).nullish().catch(null),
    Tty: z.boolean().catch(false),
    StopTimeout: z.number().nullish().catch(null),
    Healthcheck: z
      .object({
        Test: z.array(z.string()).nullish().catch(null),
        Interval: z.number().nullish().catch(null),
        Timeout: z.number().nullish().catch(null),
        StartPeriod: z.number().nullish().catch(null),
        Retries: z.number().nullish().catch(null),
      })
      .nullish()
      .catch(null),
  }),
  HostConfig: z.object({ PortBindings: Bindings }).nullish().catch(null),
  NetworkSettings: z.object({ Ports: Bindings }).nullish().catch(null),
  Mounts: z
    .array(z.object({ Type: text, Name: text, Destination: text }))
    .nullish()
    .catch(null),
})
export type Inspected = z.infer<typeof Inspected>

/** A container as the engine describes it now; DEPLOYMENT_UNKNOWN where it is not there. */
export function inspectContainer(docker: Dockerode, id: string): Promise<Inspected> {
  return asking({}, async () => Inspected.parse(await docker.getContainer(id).inspect()))
}

/** Host ports that a container has, or would take once it runs: `8080/tcp`. Automatic ones only while it runs. */
export function hostPortsOf(container: Inspected): Set<string> {
  const taken = new Set<string>()
  for (const bindings of [container.HostConfig?.PortBindings, container.NetworkSettings?.Ports]) {
    for (const [name, places] of Object.entries(bindings ?? {})) {
      const protocol = name.split('/')[1] ?? 'tcp'
      for (const { HostPort } of places ?? []) {
        if (HostPort && HostPort !== '0') taken.add(`${HostPort}/${protocol}`)
      }
    }
  }
  return taken
}

/** The published ports of a running container. */
export function portsOf(container: Pick<Inspected, 'NetworkSettings'>): ListedPort[] {
  return Object.entries(container.NetworkSettings?.Ports ?? {}).flatMap(([key, places]) => {
    const port = parsePortKey(key)
    if (!port) return []
    return (places ?? []).map(({ HostIp, HostPort }): ListedPort => ({
      ...port,
      ip: ipAddress(HostIp),
      host: Number(HostPort) || null,
    }))
  })
}
