import { z } from 'zod'
import { ErrorInfo } from './error'
import { isHost, isPathComponent } from './reference'

/** The part of a registry that a section of the window shows. */
export const Section = z.enum(['public', 'private'])
export type Section = z.infer<typeof Section>

const Namespace = z
  .string()
  .max(200)
  .refine((text) => text === '' || text.split('/').every(isPathComponent), 'namespace')

/** Whose certificate is trusted: the system's authorities, or these PEM certificates as well, for this registry only. */
export const Trust = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system') }),
  z.object({ kind: z.literal('pem'), pem: z.string().max(200_000) }),
])
export type Trust = z.infer<typeof Trust>

export const Preset = z.enum(['yonyou', 'docker-hub', 'harbor', 'other'])
export type Preset = z.infer<typeof Preset>

/** What the form sends. A password is never in it: it travels once, by `account:sign-in`. */
export const RegistryDraft = z.object({
  name: z.string().trim().min(1).max(80),
  /** `host[:port]`, without scheme or path. */
  host: z.string().trim().refine(isHost, 'host'),
  protocol: z.enum(['https', 'http']),
  trust: Trust,
  preset: Preset,
  /** Null: not shown under Public. The namespace may be empty: everything that the registry lists. */
  publicRole: z.object({ namespace: Namespace }).nullable(),
  /** Null: not shown under Private. The namespace is the tenant ID at YonYou, a project or an owner elsewhere. */
  privateRole: z.object({ namespace: Namespace.refine((text) => text !== '', 'namespace') }).nullable(),
})
export type RegistryDraft = z.infer<typeof RegistryDraft>

export const Account = z.object({
  id: z.string(),
  username: z.string(),
  /** Where its password is: in the OS keychain, only in memory until the program ends, or nowhere any more. */
  kept: z.enum(['keychain', 'session', 'missing']),
})
export type Account = z.infer<typeof Account>

/** How the last request to a registry went. */
export const Reachability = z.enum(['unknown', 'online', 'offline', 'sign-in-needed'])
export type Reachability = z.infer<typeof Reachability>

export const Registry = RegistryDraft.extend({
  id: z.string(),
  accounts: z.array(Account),
  activeAccountId: z.string().nullable(),
  /** Token realms on another host that the user confirmed; credentials go nowhere else. */
  confirmedRealms: z.array(z.string()),
  reachability: Reachability,
  /** The error behind `offline` or `sign-in-needed`. */
  lastError: ErrorInfo.nullable(),
})
export type Registry = z.infer<typeof Registry>

export const RegistryList = z.object({
  registries: z.array(Registry),
  /** How many passwords of accounts that are gone the keychain has not let go of. */
  unforgotten: z.number().int(),
  revision: z.number(),
})
export type RegistryList = z.infer<typeof RegistryList>

export const Certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  /** SHA-256 of the DER form, upper-case hex pairs with colons. */
  fingerprint: z.string(),
  validFrom: z.number(),
  validTo: z.number(),
  selfSigned: z.boolean(),
  pem: z.string(),
})
export type Certificate = z.infer<typeof Certificate>

/** What the server shows: its chain, own certificate first, and whether it would be accepted as things are. */
export const ServerCertificate = z.object({
  chain: z.array(Certificate),
  trusted: z.boolean(),
  problem: ErrorInfo.nullable(),
})
export type ServerCertificate = z.infer<typeof ServerCertificate>

export const probeSteps = ['name', 'tcp', 'tls', 'api', 'account', 'catalog'] as const
/** Something that a step found, for the window to put into words. Never a secret. */
export const ProbeFact = z.discriminatedUnion('kind', [
  /** The same in every language: an address, a protocol, a user name. */
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('proxy'), host: z.string() }),
  z.object({ kind: z.literal('valid-until'), time: z.number() }),
  z.object({ kind: z.literal('asks'), scheme: z.string() }),
  z.object({ kind: z.literal('anonymous') }),
  z.object({ kind: z.literal('identity-token') }),
  z.object({ kind: z.literal('listed'), count: z.number() }),
  z.object({ kind: z.literal('inside'), count: z.number(), namespace: z.string() }),
])
export type ProbeFact = z.infer<typeof ProbeFact>

export const ProbeStep = z.object({
  step: z.enum(probeSteps),
  state: z.enum(['ok', 'failed', 'warning', 'skipped']),
  facts: z.array(ProbeFact),
  error: ErrorInfo.nullable(),
  milliseconds: z.number(),
})
export type ProbeStep = z.infer<typeof ProbeStep>

/** Presets of the form: what is filled in when one is chosen. YonYou has two registries: one of each role. */
export const presets: Record<Preset, Omit<RegistryDraft, 'trust' | 'protocol'>[]> = {
  yonyou: [
    {
      name: 'YonYou Cloud (public)',
      host: 'dockerhub.yonyou.com',
      preset: 'yonyou',
      publicRole: { namespace: 'library' },
      privateRole: null,
    },
    {
      name: 'YonYou Cloud',
      host: 'dockerhub.yonyoucloud.com',
      preset: 'yonyou',
      publicRole: null,
      privateRole: { namespace: '' },
    },
  ],
  'docker-hub': [
    {
      name: 'Docker Hub',
      host: 'docker.io',
      preset: 'docker-hub',
      publicRole: { namespace: 'library' },
      privateRole: null,
    },
  ],
  harbor: [
    { name: 'Harbor', host: '', preset: 'harbor', publicRole: { namespace: 'library' }, privateRole: null },
  ],
  other: [{ name: '', host: '', preset: 'other', publicRole: { namespace: '' }, privateRole: null }],
}
