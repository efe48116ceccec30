import { z } from 'zod'
import { withDeadline } from '../../engine/deadline'
import { normalizeId } from '../../engine/image-name'
import { understood } from '../../engine/understood'
import type { PoolConnection } from '../driver'
import { ipAddress } from '../ip-address'
import { deploymentLabels, type DecodedLabels } from '../model/labels'
import { asking } from './error'
import { identityOf } from './models'
import { roleOf, type Role } from './names'

/** How long an engine may take for one answer; milliseconds. */
export const patience = 30_000

export interface ListedPort {
  ip: string | null
  container: number
  /** Null: not published. */
  host: number | null
  protocol: 'tcp' | 'udp'
}

/** A container as the engine lists it; times in milliseconds since 1970. */
export interface Listed {
  id: string
  name: string
  image: string
  imageId: string
  createdAt: number
  /** The engine's word: `running`, `exited`, ... */
  state: string
  /** The engine's sentence: `Up 5 minutes (healthy)`. */
  status: string
  ports: ListedPort[]
  networks: string[]
  labels: Readonly<Record<string, string>>
  /** Who it is; its model is left packed, since unpacking each at every look would take long. Null: not ours. */
  own: Identity | null
}

export type Identity = Omit<DecodedLabels, 'versions'>

export interface OwnContainer extends Listed {
  own: Identity
  role: Role
}

const Listing = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Image: z.string().catch(''),
    ImageID: z.string().catch(''),
    /** Seconds since 1970. */
    Created: z.number().catch(0),
    State: z.string().catch('unknown'),
    Status: z.string().catch(''),
    Labels: z.record(z.string(), z.string()).nullish().catch(null),
    Ports: z
      .array(
        z.object({
          IP: z.string().nullish(),
          PrivatePort: z.number(),
          PublicPort: z.number().nullish(),
          Type: z.string(),
        }),
      )
      .nullish()
      .catch(null),
    NetworkSettings: z
      .object({ Networks: z.record(z.string(), z.unknown()).nullish() })
      .nullish()
      .catch(null),
  }),
)

/** Every container of the pool's engine, stopped ones too; with `id` only those of that deployment. */
export async function listContainers(
  { docker }: PoolConnection,
  signal: AbortSignal,
  id: string | null = null,
): Promise<Listed[]> {
  const filters = id === null ? {} : { filters: { label: [`${deploymentLabels.id}=${id}`] } }
  const answer = await asking({}, () =>
    withDeadline(patience, signal, (abortSignal) =>
      docker.listContainers({ all: true, ...filters, abortSignal }),
    ),
  )
  const listed = understood(Listing, answer).map((container) => ({
    id: container.Id,
    name: (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, ''),
    image: container.Image,
    imageId: normalizeId(container.ImageID),
    createdAt: container.Created * 1000,
    state: container.State,
    status: container.Status,
    ports: (container.Ports ?? []).flatMap(({ IP, PrivatePort, PublicPort, Type }): ListedPort[] =>
      Type === 'tcp' || Type === 'udp'
        ? [{ ip: ipAddress(IP), container: PrivatePort, host: PublicPort || null, protocol: Type }]
        : [],
    ),
    networks: Object.keys(container.NetworkSettings?.Networks ?? {}),
    labels: container.Labels ?? {},
    own: identityOf(container.Labels),
  }))
  return id === null ? listed : listed.filter(({ own }) => own?.id === id)
}

/** The containers of deployments, by the deployment's id. */
export function ownContainers(listed: readonly Listed[]): Map<string, OwnContainer[]> {
  const found = new Map<string, OwnContainer[]>()
  for (const container of listed) {
    const { own } = container
    if (!own) continue
    const group = found.get(own.id) ?? []
    // A record has no number, whatever it is called.
    group.push({ ...container, own, role: own.instance === null ? 'record' : roleOf(container.name) })
    found.set(own.id, group)
  }
  return found
}
