import type { Field, NewTerm } from './term-table'

/** What can be searched for in an image, and what places it among others; out of bytes that were checked when fetched. */
export interface ConfigFacets {
  created: number | null
  /** Diff IDs, base first; empty where there are none, or absurdly many. */
  diffIds: string[]
  terms: { field: Field; term: NewTerm }[]
}

export interface ManifestFacets {
  /** An index's manifests, or a manifest's config. */
  children: string[]
  /** A manifest's config, where its annotations name the base image. */
  base: { config: string; name: string } | null
}

const mostTerms = 200
const longest = 500
const mostLayers = 500
const mostChildren = 200
const baseName = 'org.opencontainers.image.base.name'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const object = (value: unknown): Json => (isObject(value) ? value : {})
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const texts = (values: unknown[]): string[] =>
  values.filter((value): value is string => typeof value === 'string')

const after = (text: string, mark: string): string => text.slice(text.indexOf(mark) + 1)

/** A field's term from its text; long ones are cut. */
export function termOf(field: Field, whole: string): NewTerm {
  const text = whole.slice(0, longest)
  if (field === 'label') return { text, leaf: after(text, '=') }
  if (field === 'port') return { text, leaf: text.split('/')[0] ?? text }
  if (field === 'repository' || field === 'base') return { text, leaf: text.split('/').at(-1) ?? text }
  return { text, leaf: text }
}

const pairs = (record: unknown): string[] =>
  Object.entries(object(record)).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}=${value}`] : [],
  )

function dateOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) || time <= 0 ? null : time
}

/** Throws where the bytes are no JSON. */
export function configFacets(bytes: Buffer): ConfigFacets {
  const config = object(JSON.parse(bytes.toString('utf8')))
  const inner = object(config['config'])
  const labels = object(inner['Labels'])
  const of = (field: Field, values: string[]): ConfigFacets['terms'] =>
    values.slice(0, mostTerms).map((text) => ({ field, term: termOf(field, text) }))
  const diffIds = texts(list(object(config['rootfs'])['diff_ids']))
  return {
    created: dateOf(config['created']),
    diffIds: diffIds.length <= mostLayers ? diffIds : [],
    terms: [
      ...of('label', pairs(labels)),
      ...of('environment', texts(list(inner['Env']))),
      ...of('port', Object.keys(object(inner['ExposedPorts']))),
      ...of('base', texts([labels[baseName]])),
    ],
  }
}

/** Throws where the bytes are no JSON. */
export function manifestFacets(bytes: Buffer): ManifestFacets {
  const manifest = object(JSON.parse(bytes.toString('utf8')))
  const config = object(manifest['config'])['digest']
  const entries = list(manifest['manifests']).map((entry) => object(entry)['digest'])
  const name = object(manifest['annotations'])[baseName]
  return {
    children: texts([config, ...entries]).slice(0, mostChildren),
    base: typeof config === 'string' && typeof name === 'string' ? { config, name } : null,
  }
}
