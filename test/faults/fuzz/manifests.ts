// Long because the grammar of three kinds of documents stands here beside what holds for them.
/** Manifests, indexes and configs: as fetched from a registry, as kept, and as an image's page tells them. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { ImageDetail } from '@shared/browse'
import { Config, Index, isIndexMediaType, kindOfManifest, Manifest, mediaTypes } from '@shared/oci'
import { isDigest } from '@shared/reference'
import { parseDocument } from '../../../electron/archive/json'
import { parseDate } from '../../../electron/browse/date'
import { describe } from '../../../electron/browse/description'
import { factOfIndex, factOfManifest, representative } from '../../../electron/browse/fact'
import { boundedText, httpLink } from '../../../electron/browse/hostile-text'
import { imageDetail } from '../../../electron/browse/image-config'
import { instructionOf } from '../../../electron/browse/instruction'
import { diffIdLayers, layerRows } from '../../../electron/browse/layers'
import { parseConfig, parseContent } from '../../../electron/browse/parse-stored'
import { parseJson } from '../../../electron/registry/json'
import { fetchManifest, headManifest } from '../../../electron/registry/manifest'
import type { Answer, Caller } from '../../../electron/registry/session'
import { later, leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bent, bentBytes, long, soup } from './texts'

const sum = (bytes: Buffer | string, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`

const digest = fc.nat(9).map((seed) => sum(String(seed), seed > 7 ? 'sha512' : 'sha256'))
const types = fc.constantFrom(
  ...Object.values(mediaTypes),
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'text/html',
  'application/json',
  '',
)
const annotations = fc.dictionary(
  fc.constantFrom(
    'org.opencontainers.image.title',
    'org.opencontainers.image.source',
    'org.opencontainers.image.created',
    'vnd.docker.reference.type',
    'x',
  ),
  fc.oneof(
    anyText,
    fc.constantFrom(
      'attestation-manifest',
      'https://a.example/',
      'javascript:alert(1)',
      '2024-02-30T00:00:00Z',
    ),
  ),
  { maxKeys: 3 },
)
const platform = fc.record(
  {
    os: fc.constantFrom('linux', 'windows', 'unknown'),
    architecture: fc.constantFrom('amd64', 'arm64', 'unknown'),
    variant: fc.constantFrom('v8', ''),
  },
  { requiredKeys: ['os', 'architecture'] },
)
const descriptor = fc.record(
  {
    mediaType: types,
    digest,
    size: fc.nat(),
    platform,
    annotations,
    urls: fc.constant(['https://a.example/x']),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
)
const manifest = fc.record(
  {
    schemaVersion: fc.constant(2),
    mediaType: types,
    config: descriptor,
    layers: fc.array(descriptor, { maxLength: 4 }),
    annotations,
    subject: descriptor,
    artifactType: types,
  },
  { requiredKeys: ['schemaVersion', 'config', 'layers'] },
)
const index = fc.record(
  {
    schemaVersion: fc.constant(2),
    mediaType: types,
    manifests: fc.array(descriptor, { maxLength: 4 }),
    annotations,
  },
  { requiredKeys: ['schemaVersion', 'manifests'] },
)
const createdBy = fc.oneof(
  soup('/bin/sh -c ', '#(nop) ', 'RUN ', '|1 ', 'A=b ', '# buildkit', ' in /', 'COPY ', '  ', '\n'),
  anyText,
)
const texts = fc.array(anyText, { maxLength: 3 })
const config = fc.record(
  {
    created: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      anyText,
    ),
    author: anyText,
    architecture: fc.constantFrom('amd64', ''),
    os: fc.constantFrom('linux', ''),
    config: fc.record(
      {
        User: anyText,
        ExposedPorts: fc.dictionary(anyText, anyJson, { maxKeys: 2 }),
        Env: texts,
        Entrypoint: fc.oneof(texts, anyText),
        Cmd: texts,
        Labels: annotations,
        WorkingDir: anyText,
        Healthcheck: fc.record({ Test: texts, Interval: fc.double() }),
      },
      { requiredKeys: [] },
    ),
    rootfs: fc.record({ type: fc.constant('layers'), diff_ids: fc.array(digest, { maxLength: 4 }) }),
    history: fc.array(
      fc.record({ created_by: createdBy, empty_layer: fc.boolean(), created: anyText }, { requiredKeys: [] }),
      { maxLength: 5 },
    ),
  },
  { requiredKeys: [] },
)

const json = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> =>
  values.map((value) => Buffer.from(JSON.stringify(value) ?? ''))
const documents = fc.oneof(
  json(manifest),
  json(index),
  json(
    bent(
      fc.oneof(
        manifest,
        index,
        fc.tuple(manifest, index).map(([a, b]) => ({ ...a, ...b })),
      ),
    ),
  ),
  bentBytes(json(fc.oneof(manifest, index))),
  json(anyJson),
)

/** A registry that answers so, whatever it is asked. */
function answering(status: number, headers: Record<string, string>, bytes: Buffer): Caller {
  const answer = {
    ...{ status, attempt: 1, response: { headers } as unknown as Answer['response'] },
    header: (name: string) => headers[name],
    bytes: () => Promise.resolve(bytes),
    skip: () => Promise.resolve(),
    refusal: () => Promise.reject(new Error('not asked for')),
  }
  return { call: (_call, read) => read(answer) }
}

// Controls but tab and line feed, and what turns a line around.
const hidden = /[^\P{Cc}\t\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u

/** Every document of the grammar, told as the program tells it: nothing throws, nothing is without an end. */
function tell(bytes: Buffer, parsed: Manifest, about: Config): void {
  const detail = imageDetail(parsed, about, bytes.toString('utf8'))
  const known = ImageDetail.safeParse(detail)
  if (!known.success) lost(known.error.message)
  for (const { instruction } of layerRows(parsed, about)) {
    if (instruction && (hidden.test(instruction) || instruction.length > 20_000)) leaked('an instruction')
  }
  if (diffIdLayers(parsed, about).some(({ diffId }) => !isDigest(diffId))) taken('no digest')
  const fact = factOfManifest({ manifest: parsed, config: about })
  if (fact.size !== null && !Number.isSafeInteger(fact.size)) taken(`${fact.size} bytes`)
  for (const link of [fact.description?.source, fact.description?.homepage])
    if (link && !/^https?:\/\//.test(link)) taken(link)
}

export const manifests = (): Surface => ({
  name: 'manifests',
  properties: [
    property(
      'what is fetched is what its digest names, and of one kind',
      fc.tuple(
        documents,
        fc.constantFrom('tag', 'own', 'other', 'own512'),
        fc.constantFrom('none', 'own', 'other', 'own512', 'junk'),
        types,
        anyText,
      ),
      async ([bytes, asked, told, type, junk]) => {
        const named: Record<string, string> = {
          own: sum(bytes),
          own512: sum(bytes, 'sha512'),
          other: sum('other'),
          junk,
          none: '',
          tag: 'v1',
        }
        const headers = {
          'content-type': type,
          ...(told !== 'none' && { 'docker-content-digest': named[told] ?? '' }),
        }
        const reference = named[asked] ?? ''
        const found = await later(() => fetchManifest(answering(200, headers, bytes), 'a/b', reference))
        if ('error' in found) return
        const { digest: said, mediaType, content } = found.value
        if (said !== sum(bytes, said.split(':')[0])) taken(`its digest is not ${said}`)
        if (asked === 'other' || (asked === 'tag' && told === 'other')) taken('another digest was meant')
        const raw = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
        if (raw.manifests !== undefined && (raw.layers !== undefined || raw.config !== undefined))
          taken('both kinds at once')
        if (typeof raw.mediaType === 'string' && raw.mediaType !== mediaType) taken('two media types')
        if (isIndexMediaType(mediaType) !== (content.kind === 'index') || raw.schemaVersion !== 2)
          taken(mediaType)
        const again = outcome(() => parseContent({ digest: said, mediaType, bytes }))
        if ('error' in again) lost('what was fetched cannot be read from the cache')
      },
    ),
    property(
      'a head names a digest or is fetched',
      fc.tuple(
        json(manifest),
        fc.oneof(digest, anyText, soup('sha256:', 'a'.repeat(64), ' ', 'A', '/..')),
        types,
        fc.oneof(anyText, fc.nat().map(String)),
      ),
      async ([bytes, header, type, length]) => {
        const headers = { 'docker-content-digest': header, 'content-type': type, 'content-length': length }
        const found = await later(() => headManifest(answering(200, headers, bytes), 'a/b', 'v1'))
        if ('error' in found) return
        const { digest: said, size } = found.value
        if (!isDigest(said) || (size !== null && !(Number.isSafeInteger(size) && size > 0)))
          taken(`${said} ${size}`)
      },
    ),
    property('a manifest and a config are told', fc.tuple(manifest, config), ([one, about]) => {
      const read = [Manifest.safeParse(one), Config.safeParse(about)] as const
      if (!read[0].success) return lost(read[0].error.message)
      kindOfManifest(read[0].data)
      if (read[1].success) tell(Buffer.from(JSON.stringify(about)), read[0].data, read[1].data)
    }),
    property(
      'so are those with a place that is broken',
      fc.tuple(bent(manifest), bent(config)),
      ([one, about]) => {
        const read = Manifest.safeParse(JSON.parse(JSON.stringify(one) ?? 'null'))
        const bytes = Buffer.from(JSON.stringify(about) ?? '')
        const kept = outcome(() => parseConfig('sha256:x', bytes))
        if (read.success && 'value' in kept) tell(bytes, read.data, kept.value)
      },
    ),
    property('so is an index', fc.oneof(index, bent(index)), (value) => {
      const read = Index.safeParse(JSON.parse(JSON.stringify(value) ?? 'null'))
      if (!read.success) return
      factOfIndex(read.data, null)
      const chosen = representative(read.data)
      if (chosen && !read.data.manifests.includes(chosen)) taken('no entry of it')
    }),
    property(
      'any bytes are JSON or refused',
      fc.oneof(
        documents,
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        soup('{', '[', '"', '}', ']', '\\', '"__proto__":1', ',').map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        for (const read of [() => parseJson(bytes, {}), () => parseDocument(bytes, 'x')]) {
          const found = outcome(read)
          if ('value' in found && JSON.stringify(found.value)?.includes('"__proto__":')) taken('a prototype')
        }
      },
    ),
    property(
      'any line of a history is an instruction',
      fc.oneof(createdBy, long('/bin/sh -c ', '|1 ', ' in /', ' ', '# buildkit', '\n')),
      (text) => {
        const said = instructionOf(text)
        if (said !== null && (said.length > 20_000 || hidden.test(said))) leaked(said)
      },
    ),
    property(
      'any text is shown with an end',
      fc.tuple(fc.oneof(anyText, long('\u202e', '\0', 'é')), fc.integer({ min: 1, max: 200 })),
      ([text, limit]) => {
        const shown = boundedText(text, limit)
        if (shown.length > limit || hidden.test(shown)) leaked(shown)
        const link = httpLink(text)
        if (link !== null && !/^https?:\/\/[^@]*$/.test(link.split('/').slice(0, 3).join('/'))) taken(link)
      },
    ),
    property(
      'labels describe, or say nothing',
      fc.tuple(annotations, fc.dictionary(anyText, anyText)),
      (labels) => void describe(...labels),
    ),
    property(
      'any date is one, or none',
      fc.oneof(
        anyText,
        soup('2024', '-', '02', '30', 'T', ':', '00', 'Z', '+', '.5', ' '),
        fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
          .map((date) => date.toISOString()),
      ),
      (text) => {
        const time = parseDate(text)
        if (time !== null && !(time >= 0 && Number.isInteger(time))) taken(`${time}`)
        if (
          time !== null &&
          /^\d{4}-\d\d-\d\dT[^.]*\.\d{3}Z$/.test(text) &&
          new Date(time).toISOString() !== text
        )
          taken(`${time}`)
        if (
          time === null &&
          /^(19[789]|20\d)\d-(0[1-9]|1[012])-(0[1-9]|1\d|2[0-8])T(0\d|1\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/.test(
            text,
          )
        )
          lost('a date')
      },
    ),
  ],
})
