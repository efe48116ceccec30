/** How an engine is reached that is added by hand, as its form has it, and as main takes it. */
import { type Pool, PoolDraft } from '@shared/pool'

export type Way = 'ssh' | 'tls' | 'socket'

export interface PoolForm {
  way: Way
  name: string
  host: string
  certificates: string
  sshConfig: string
}

export const examples: Record<Way, string> = {
  ssh: 'ssh://user@host',
  tls: 'tcp://host:2376',
  socket: 'unix:///var/run/docker.sock',
}

const ways: readonly (readonly [Way, RegExp])[] = [
  ['ssh', /^ssh:/],
  ['socket', /^(unix|npipe):/],
]
const wayOf = (host: string): Way => ways.find(([, pattern]) => pattern.test(host))?.[0] ?? 'tls'

export const poolFormOf = (pool: Pool | null): PoolForm => ({
  way: pool ? wayOf(pool.host) : 'ssh',
  name: pool?.name ?? '',
  host: pool?.host ?? '',
  certificates: pool?.certificates ?? '',
  sshConfig: pool?.sshConfig ?? '',
})

/** What is typed without its scheme gets the scheme of the way that was chosen. */
function address({ way, host }: PoolForm): string {
  const typed = host.trim()
  if (typed === '' || /^[a-z]+:\/\//i.test(typed)) return typed
  if (way === 'ssh') return `ssh://${typed}`
  return way === 'tls' ? `tcp://${typed}` : `unix://${typed}`
}

export function poolDraftOf(form: PoolForm): PoolDraft {
  const { way, name, certificates, sshConfig } = form
  const pathOf = (text: string): string | null => text.trim() || null
  return {
    name: name.trim(),
    host: address(form),
    certificates: way === 'tls' ? pathOf(certificates) : null,
    sshConfig: way === 'ssh' ? pathOf(sshConfig) : null,
  }
}

/** Which fields main would refuse; the address also where it is none of the way that was chosen. */
export function poolProblems(form: PoolForm): ReadonlySet<keyof PoolForm> {
  const draft = poolDraftOf(form)
  const parsed = PoolDraft.safeParse(draft)
  const fields = parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0])
  const wrong = (['name', 'host', 'certificates', 'sshConfig'] as const).filter((field) =>
    fields.includes(field),
  )
  return new Set([
    ...wrong,
    ...(draft.host !== '' && wayOf(draft.host) !== form.way ? (['host'] as const) : []),
  ])
}
