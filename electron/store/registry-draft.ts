import { X509Certificate } from 'node:crypto'
import { AppError } from '@shared/error'
import { referenceHost } from '@shared/reference'
import type { RegistryDraft, Trust } from '@shared/registry'
import { isTenantId } from '@shared/target-name'

/**
 * What a draft must be beyond its schema, in its stored form: host and tenant ID as they are written in references. Throws
 * INPUT_INVALID with the field, or CERTIFICATE_INVALID.
 */
export function checkDraft(draft: RegistryDraft): RegistryDraft {
  if (!draft.publicRole && !draft.privateRole) throw invalid('roles')
  return {
    ...draft,
    host: referenceHost(draft),
    privateRole: checkPrivateRole(draft),
    trust: checkTrust(draft.trust, draft.host),
  }
}

/** Throws REGISTRY_DUPLICATE where a draft says nothing that another registry does not: one host may have several entries. */
export function refuseDuplicate(draft: RegistryDraft, others: readonly RegistryDraft[]): void {
  const told = (one: RegistryDraft): string =>
    JSON.stringify([
      one.name,
      one.host,
      one.publicRole?.namespace ?? null,
      one.privateRole?.namespace ?? null,
    ])
  if (!others.some((other) => told(other) === told(draft))) return
  throw new AppError('REGISTRY_DUPLICATE', { side: 'program', host: draft.host, field: 'host' })
}

function checkPrivateRole({ preset, privateRole }: RegistryDraft): RegistryDraft['privateRole'] {
  if (preset !== 'yonyou' || !privateRole) return privateRole
  if (!isTenantId(privateRole.namespace)) throw invalid('privateRole.namespace')
  return { namespace: privateRole.namespace.toLowerCase() }
}

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** Refuses PEM text without a certificate that can be read: CERTIFICATE_INVALID. */
export function checkTrust(trust: Trust, host: string): Trust {
  if (trust.kind === 'system') return trust
  const blocks = trust.pem.match(pemBlock) ?? []
  const context = { side: 'program', host, field: 'trust' } as const
  if (blocks.length === 0) throw new AppError('CERTIFICATE_INVALID', context)
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch (cause) {
    throw new AppError('CERTIFICATE_INVALID', context, { cause })
  }
  // Only the certificates: a file may hold a private key beside them, and that is none of ours.
  return { kind: 'pem', pem: `${blocks.join('\n')}\n` }
}

const invalid = (field: string): AppError => new AppError('INPUT_INVALID', { side: 'program', field })
