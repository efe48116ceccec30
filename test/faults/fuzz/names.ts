/** References, hosts, repositories, tags, digests, targets: against distribution's grammar, written here a second time. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import {
  canonicalHost,
  formatReference,
  isDigest,
  isHost,
  isRepository,
  isTag,
  parseReference,
  pullCommand,
  referenceOf,
} from '@shared/reference'
import {
  checkTarget,
  formatTarget,
  isTenantId,
  proposeTarget,
  splitOwnbase,
  targetRepository,
} from '@shared/target-name'
import { checkDraft } from '../../../electron/store/registry-draft'
import { lost, outcome, property, taken, type Surface } from './surface'
import { anyText, bentText, long, soup } from './texts'

// github.com/distribution/reference, regexp.go and normalize.go.
const alphanumeric = '[a-z0-9]+'
const path = `${alphanumeric}(?:(?:[._]|__|[-]+)${alphanumeric})*`
const remoteName = `${path}(?:/${path})*`
const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const tagForm = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const digestForm = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const whole = new RegExp(`^(${domain})/(${remoteName})(?::(${tagForm}))?(?:@(${digestForm}))?$`)

interface Strict {
  host: string
  repository: string
  tag: string | null
  digest: string | null
}

/** ParseNormalizedNamed. */
function strictly(text: string): Strict | null {
  if (/^[a-f0-9]{64}$/.test(text)) return null
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(0, slash))
  const isName = slash < 0 || (!/[.:]/.test(first) && first !== 'localhost' && first.toLowerCase() === first)
  let [host, rest] = isName ? ['docker.io', text] : [first, text.slice(slash + 1)]
  if (host === 'index.docker.io') host = 'docker.io'
  if (host === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`
  const found = whole.exec(`${host}/${rest}`)
  if (!found || (found[2]?.length ?? 0) > 255) return null
  return { host, repository: found[2] ?? '', tag: found[3] ?? null, digest: found[4] ?? null }
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,6}){0,2}$/)
const repository = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)
const digest = fc.oneof(
  hex(64).map((text) => `sha256:${text}`),
  hex(128).map((text) => `sha512:${text}`),
)
const hosts = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9]{1,6}(?:-[a-z0-9]{1,4})?(?:\.[a-z]{1,5}){0,2}(?::[1-9][0-9]{0,3})?$/),
  fc.constantFrom('localhost', 'docker.io', 'index.docker.io', '[::1]', '[fe80::1]:5000', '127.0.0.1:5000'),
)
const reference = fc
  .tuple(fc.option(hosts), repository, fc.option(tag), fc.option(digest))
  .map(
    ([host, name, label, sum]) =>
      `${host ? `${host}/` : ''}${name}${label ? `:${label}` : ''}${sum ? `@${sum}` : ''}`,
  )
const pieces = [
  'a',
  'B',
  '0',
  '.',
  '_',
  '__',
  '-',
  '/',
  ':',
  '@',
  'localhost',
  'docker.io',
  'sha256:',
  '[::1]',
  ':80',
]
const almost = fc.oneof(
  reference,
  bentText(reference),
  soup(...pieces, 'a'.repeat(64), 'library'),
  anyText,
  hex(64),
)
/** Names of Docker Hub's that we read as such, where docker would not. */
const aliases = new Set(['registry-1.docker.io', 'registry.hub.docker.com'])

const target = fc.record({
  host: hosts,
  tenant: fc.oneof(fc.stringMatching(/^[0-9]{1,8}$/), fc.uuid(), component),
  imageName: fc.oneof(
    component,
    repository,
    component.map((name) => `${name}_ownbase`),
  ),
  ownbase: fc.boolean(),
  tag,
})

export const names = (): Surface => ({
  name: 'names',
  properties: [
    property('a reference is what docker reads', almost, (text) => {
      const ours = parseReference(text)
      const theirs = strictly(text)
      if (ours === null) {
        const strict = theirs && { ...theirs, host: canonicalHost(theirs.host) }
        // Refused knowingly: other algorithms and ports, and a word in capitals, which is Docker Hub's owner once it is small.
        if (
          strict &&
          text.length <= 255 &&
          (strict.digest === null || isDigest(strict.digest)) &&
          isHost(strict.host) &&
          /[.:]|^localhost$/.test(strict.host)
        )
          lost(`refused: ${JSON.stringify(strict)}`)
        return
      }
      if (theirs === null) return taken(`taken: ${JSON.stringify(ours)}`)
      if (aliases.has(theirs.host.toLowerCase())) return
      const same = { ...theirs, host: theirs.host.toLowerCase() }
      if (same.host === 'index.docker.io') same.host = 'docker.io'
      if (same.host === 'docker.io' && !same.repository.includes('/'))
        same.repository = `library/${same.repository}`
      if (!isDeepStrictEqual(ours, same)) taken(`${JSON.stringify(ours)}, docker ${JSON.stringify(same)}`)
    }),
    property('what is written is read back', almost, (text) => {
      const once = parseReference(text)
      if (once && !isDeepStrictEqual(parseReference(formatReference(once)), once))
        taken(formatReference(once))
    }),
    property(
      'a registry that may be added is named in its references',
      fc.tuple(
        fc.oneof(hosts, bentText(hosts), soup(...pieces)),
        repository,
        fc.oneof(tag, digest),
        fc.boolean(),
      ),
      ([host, name, label, secure]) => {
        if (!isHost(host)) return
        const draft = outcome(() =>
          checkDraft({
            ...{ name: 'r', host, protocol: secure ? 'https' : 'http', preset: 'other' },
            ...{ trust: { kind: 'system' }, publicRole: { namespace: '' }, privateRole: null },
          }),
        )
        if ('error' in draft) return
        const added = draft.value.host
        const back = parseReference(formatReference(referenceOf(added, name, label)))
        // Docker Hub's own names have two parts.
        if (back?.host !== added || !back.repository.endsWith(name))
          taken(`${added} became ${JSON.stringify(back)}`)
        if (!/^docker pull \S+$/.test(pullCommand(added, name, label))) taken('a command of several words')
      },
    ),
    property('parts are judged by the grammar', fc.oneof(almost, repository, tag, digest, hosts), (text) => {
      const judged: [boolean, string, boolean][] = [
        [isRepository(text), `^${remoteName}$`, true],
        [isTag(text), `^${tagForm}$`, true],
        [isDigest(text), `^${digestForm}$`, false],
        [isHost(text), `^${domain}$`, false],
      ]
      for (const [ours, form, exact] of judged) {
        const theirs = new RegExp(form).test(text)
        if (ours && !theirs) taken(`${form} refuses it`)
        if (exact && theirs && !ours && text.length <= 255) lost(`${form} takes it`)
      }
    }),
    property('a target is found again in its name', target, (wanted) => {
      if (checkTarget(wanted).length > 0 || !isHost(wanted.host)) return
      const text = formatTarget(wanted)
      const host = canonicalHost(wanted.host)
      if (!/[.:]|^localhost$/.test(host)) return
      const back = parseReference(text)
      const name = targetRepository(wanted)
      if (back?.repository !== name || back.tag !== wanted.tag) return taken(text)
      const split = splitOwnbase(name.slice(wanted.tenant.length + 1))
      // A name that was typed with the suffix is the same repository as one without it and the switch.
      if (targetRepository({ ...wanted, ...split }) !== name) taken(text)
      if (wanted.ownbase && !split.ownbase) taken(text)
      const proposed = proposeTarget(text, host, wanted.tenant)
      if (!isDeepStrictEqual(proposeTarget(formatTarget(proposed), host, wanted.tenant), proposed))
        taken(text)
    }),
    property(
      'any text may be proposed, and is judged',
      fc.tuple(almost, anyText, anyText),
      ([text, host, tenant]) => {
        checkTarget(proposeTarget(text, host, tenant))
        if (isTenantId(tenant) && !/^[0-9A-Fa-f-]{1,36}$/.test(tenant)) taken('a tenant')
      },
    ),
    property('a long text is judged as quickly', long(...pieces), (text) => {
      for (const judge of [isRepository, isTag, isDigest, isHost])
        if (judge(text)) taken('a name without end')
      if (parseReference(text)) taken('a reference without end')
      checkTarget({ host: text, tenant: text, imageName: text, ownbase: true, tag: text })
    }),
  ],
})
