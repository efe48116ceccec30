/** The registry form's state and rules, without any window: presets in, drafts out. A password is never in it. */
import { canonicalHost, isHost, isPathComponent } from '@shared/reference'
import { presets, type Preset, type Registry, type RegistryDraft, type Trust } from '@shared/registry'
import { isTenantId } from '@shared/target-name'

export interface RegistryForm {
  preset: Preset
  name: string
  host: string
  protocol: 'https' | 'http'
  trust: Trust
  isPublic: boolean
  publicNamespace: string
  isPrivate: boolean
  privateNamespace: string
  /** YonYou has a second registry with the public images; it is saved beside this one. Null where there is only one. */
  companion: { name: string; host: string; namespace: string } | null
}

export type FormField = 'name' | 'host' | 'companionHost' | 'roles' | 'publicNamespace' | 'privateNamespace'
export type FormProblem = 'empty' | 'host' | 'roles' | 'namespace' | 'tenant'
export type FormIssues = Partial<Record<FormField, FormProblem>>

/** The form for a new registry of a preset. */
export function newForm(preset: Preset): RegistryForm {
  const drafts = presets[preset]
  const main = drafts.find((draft) => draft.privateRole) ?? drafts[0]
  const other = drafts.find((draft) => draft !== main)
  return {
    preset,
    name: main?.name ?? '',
    host: main?.host ?? '',
    protocol: 'https',
    trust: { kind: 'system' },
    isPublic: main?.publicRole !== null,
    publicNamespace: main?.publicRole?.namespace ?? '',
    isPrivate: main?.privateRole !== null,
    privateNamespace: main?.privateRole?.namespace ?? '',
    companion: other
      ? { name: other.name, host: other.host, namespace: other.publicRole?.namespace ?? '' }
      : null,
  }
}

/** The form for a registry that exists. */
export function formOf(registry: Registry): RegistryForm {
  return {
    preset: registry.preset,
    name: registry.name,
    host: registry.host,
    protocol: registry.protocol,
    trust: registry.trust,
    isPublic: registry.publicRole !== null,
    publicNamespace: registry.publicRole?.namespace ?? '',
    isPrivate: registry.privateRole !== null,
    privateNamespace: registry.privateRole?.namespace ?? '',
    companion: null,
  }
}

/** What a registry would be saved as, unchanged. */
export function draftOf(registry: Registry): RegistryDraft {
  const { name, host, protocol, trust, preset, publicRole, privateRole } = registry
  return { name, host, protocol, trust, preset, publicRole, privateRole }
}

/** Takes a pasted address apart: `https://host:5000/v2/` is host and scheme; without a scheme the protocol is null. */
export function splitAddress(text: string): { host: string; protocol: 'https' | 'http' | null } {
  const [, scheme, host = ''] = /^\s*(?:(https?):\/\/)?([^/\s]*)/i.exec(text) ?? []
  const lower = scheme?.toLowerCase()
  return { host, protocol: lower === 'https' || lower === 'http' ? lower : null }
}

/** Everything that keeps the form from being saved, by field. */
export function checkForm(form: RegistryForm): FormIssues {
  const issues: FormIssues = {}
  const note = (field: FormField, problem: FormProblem | null): void => {
    if (problem) issues[field] = problem
  }
  note('host', hostProblem(form.host))
  if (form.companion) note('companionHost', hostProblem(form.companion.host))
  if (form.name.trim().length > 80) note('name', 'empty')
  if (!form.isPublic && !form.isPrivate) note('roles', 'roles')
  if (form.isPublic && form.publicNamespace !== '')
    note('publicNamespace', namespaceProblem(form.publicNamespace))
  if (form.isPrivate) note('privateNamespace', privateProblem(form))
  return issues
}

function hostProblem(host: string): FormProblem | null {
  if (host.trim() === '') return 'empty'
  return isHost(host.trim()) ? null : 'host'
}

function namespaceProblem(namespace: string): FormProblem | null {
  return namespace.length <= 200 && namespace.split('/').every(isPathComponent) ? null : 'namespace'
}

function privateProblem({ preset, privateNamespace }: RegistryForm): FormProblem | null {
  if (privateNamespace === '') return 'empty'
  if (preset === 'yonyou') return isTenantId(privateNamespace) ? null : 'tenant'
  return namespaceProblem(privateNamespace)
}

/** What to save: this registry's draft, and its companion's. An empty name becomes the host. */
export function draftsOf(form: RegistryForm): { main: RegistryDraft; companion: RegistryDraft | null } {
  const { preset, protocol, trust, companion } = form
  const host = form.host.trim()
  const tenant = preset === 'yonyou' ? form.privateNamespace.toLowerCase() : form.privateNamespace
  const main: RegistryDraft = {
    name: form.name.trim() || host.slice(0, 80),
    host,
    protocol,
    trust: protocol === 'http' ? { kind: 'system' } : trust,
    preset,
    publicRole: form.isPublic ? { namespace: form.publicNamespace } : null,
    privateRole: form.isPrivate ? { namespace: tenant } : null,
  }
  if (!companion) return { main, companion: null }
  const sameHost = canonicalHost(companion.host.trim()) === canonicalHost(host)
  return {
    main,
    companion: {
      name: companion.name.trim() || companion.host.trim(),
      host: companion.host.trim(),
      protocol,
      // A certificate is trusted for one registry only: for both where both are the same server.
      trust: sameHost ? main.trust : { kind: 'system' },
      preset,
      publicRole: { namespace: companion.namespace },
      privateRole: null,
    },
  }
}

/** How many certificates a PEM text holds. */
export const countCertificates = (pem: string): number => pem.split('-----BEGIN CERTIFICATE-----').length - 1
