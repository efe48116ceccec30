/** Slipway's description file (resources/deployment-example.yaml, resources/deployment.schema.json): writes and reads it. */
import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Document,
  stringify,
} from 'yaml'
import type { z } from 'zod'
import { DeploymentSpec, specProblems } from '@shared/deployment'
import { AppError } from '@shared/error'
import { DescriptionFile } from './file-schema'
import { specFrom } from './from-file'
import { problemWords } from './problem-words'
import { splitWords } from './shell'
import { fileOf } from './to-file'

const header =
  '# Slipway deployment. Every key: deployment-example.yaml; for editors: deployment.schema.json\n'

/** A deployment as a description file. Of a secret variable it holds the name alone. */
export function writeDescription(spec: DeploymentSpec): string {
  return header + stringify(fileOf(spec), { lineWidth: 0, aliasDuplicateObjects: false })
}

type Path = readonly PropertyKey[]

/** Where the deepest part of a path stands that is in the text: offset of its key or item, or of its value. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents
  let offset = 0
  for (const step of path) {
    let next: unknown = null
    if (isMap(node)) {
      // Variables are a table in the file and a list in the model.
      const pair =
        typeof step === 'number'
          ? node.items[step]
          : node.items.find(({ key }) => String(isNode(key) ? key.toJSON() : key) === String(step))
      if (isPair(pair)) {
        if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset
        next = pair.value
      }
    } else if (isSeq(node) && typeof step === 'number') {
      next = node.items[step]
      if (isNode(next)) offset = next.range?.[0] ?? offset
    }
    if (next === null) break
    node = next
  }
  return offset
}

/** Names in the model that the file has by another. */
const names: Record<string, string> = { diskBytes: 'disk', stopSeconds: 'stop' }
const inFile = (path: Path): Path =>
  path.map((step) => (typeof step === 'string' ? (names[step] ?? step) : step))

/** The issues of a union are those of the form that is nearest to what was written: the one that got furthest. */
function leaves(issue: z.core.$ZodIssue, at: Path): { path: Path; message: string }[] {
  const path = [...at, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, message: issue.message }]
  const forms = issue.errors.map((form) => form.flatMap((inner) => leaves(inner, path)))
  const depth = (form: { path: Path }[]): number => Math.max(0, ...form.map((leaf) => leaf.path.length))
  const [best] = forms.sort((a, b) => depth(b) - depth(a) || a.length - b.length)
  if (best && depth(best) > path.length) return best
  return [{ path, message: forms.flatMap((form) => form[0]?.message ?? []).join('; ') }]
}

/** Keys of what was written that its schema does not know, as `ports.0.color`. */
function unknownKeys(written: unknown, known: unknown, at: string[] = []): string[] {
  if (Array.isArray(written)) {
    const items = Array.isArray(known) ? known : []
    return written.flatMap((item, index) => unknownKeys(item, items[index], [...at, String(index)]))
  }
  if (typeof written !== 'object' || written === null) return []
  const table = new Map<string, unknown>(typeof known === 'object' && known ? Object.entries(known) : [])
  return Object.entries(written).flatMap(([key, value]) =>
    table.has(key) ? unknownKeys(value, table.get(key), [...at, key]) : [[...at, key].join('.')],
  )
}

const wordsOf = (message: string): string => {
  const problem = specProblems.find((known) => known === message)
  return problem ? problemWords[problem] : message
}

const mostAliases = 100
const deepest = 64
/** Lexical ones; a variable has seven, and a description of a thousand of everything stays below. */
const mostTokens = 100_000

/**
 * Why a text is no description, before it is composed: that takes seconds for a dense one, and recurses; where that leaves
 * no stack for a regular expression, the whole process ends. The library's lexer and parser keep a stack of their own.
 */
function excessOf(text: string): { offset: number; message: string } | null {
  const parser = new Parser()
  let tokens = 0
  for (const lexeme of new Lexer().lex(text)) {
    tokens += 1
    for (const _token of parser.next(lexeme));
    if (parser.stack.length > deepest) return { offset: parser.offset, message: 'nested too deeply' }
    if (tokens > mostTokens) return { offset: parser.offset, message: 'far more than a description holds' }
  }
  return null
}

/**
 * Keys that stand twice in a table, and aliases beyond any need: for both the library compares each with all, which takes
 * minutes for many.
 */
function excesses(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = []
  let aliases = 0
  visit(document, {
    Alias(_key, { range }) {
      aliases += 1
      if (aliases > mostAliases) found.push({ offset: range?.[0] ?? 0, message: 'Too many aliases' })
    },
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key
        if (seen.has(value) && isNode(key))
          found.push({ offset: key.range?.[0] ?? 0, message: 'Map keys must be unique' })
        seen.add(value)
      }
    },
  })
  return found
}

export interface ReadDescription {
  spec: DeploymentSpec
  /** Keys that mean nothing to Slipway: `ports.0.color`. */
  unknown: string[]
  /** Secret variables: their values are still to be typed. */
  secretsWanted: string[]
  /** The name of the pool that the file wishes for. */
  pool: string | null
}

/** As many as are told. */
const mostProblems = 50

function invalid(
  problems: readonly { at: { line: number; col: number } | null; message: string }[],
): AppError {
  const lines = problems
    .slice(0, mostProblems)
    .map(({ at, message }) => (at ? `${at.line}:${at.col}: ${message}` : message))
  return new AppError('DESCRIPTION_INVALID', { side: 'program' }, { detail: lines.join('\n').slice(0, 4000) })
}

/** A quote that is not closed would otherwise become part of a word. */
function brokenWords(file: DescriptionFile): { path: Path; message: string }[] {
  return (['command', 'entrypoint'] as const)
    .filter((key) => typeof file[key] === 'string' && splitWords(file[key]) === null)
    .map((key) => ({ path: [key], message: 'a quote is not closed' }))
}

/**
 * Reads a description file. DESCRIPTION_INVALID with one line for each fault, `line:column: path: what`. Values of secret
 * variables are not taken from a file.
 */
export function readDescription(text: string): ReadDescription {
  const counter = new LineCounter()
  const place = (offset: number): { line: number; col: number } => counter.linePos(offset)
  const beyond = excessOf(text)
  if (beyond !== null) {
    // Nobody has counted the lines yet.
    const lines = text.slice(0, beyond.offset).split('\n')
    throw invalid([
      { at: { line: lines.length, col: (lines.at(-1)?.length ?? 0) + 1 }, message: beyond.message },
    ])
  }
  const document = parseDocument(text, {
    ...{ lineCounter: counter, prettyErrors: false, version: '1.2' },
    ...{ uniqueKeys: false, logLevel: 'error' },
  })
  if (document.errors.length > 0) {
    throw invalid(document.errors.map(({ pos, message }) => ({ at: place(pos[0]), message })))
  }
  const excess = excesses(document)
  if (excess.length > 0) {
    throw invalid(excess.map(({ offset, message }) => ({ at: place(offset), message })))
  }
  let written: unknown
  try {
    written = document.toJS({ maxAliasCount: mostAliases })
  } catch (thrown) {
    // Aliases of aliases, which would fill the memory.
    throw invalid([{ at: null, message: thrown instanceof Error ? thrown.message : String(thrown) }])
  }
  const fail = (problems: { path: Path; message: string }[]): AppError =>
    invalid(
      problems.slice(0, mostProblems).map(({ path, message }) => ({
        at: place(offsetOf(document, path)),
        message: path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message,
      })),
    )
  const file = DescriptionFile.safeParse(written)
  if (!file.success) throw fail(file.error.issues.flatMap((issue) => leaves(issue, [])))
  const broken = brokenWords(file.data)
  if (broken.length > 0) throw fail(broken)
  const spec = DeploymentSpec.safeParse(specFrom(file.data))
  if (!spec.success) {
    throw fail(
      spec.error.issues.map(({ path, message }) => ({ path: inFile(path), message: wordsOf(message) })),
    )
  }
  return {
    spec: spec.data,
    unknown: unknownKeys(written, file.data).slice(0, 200),
    secretsWanted: spec.data.environment.filter(({ secret }) => secret).map(({ name }) => name),
    pool: file.data.pool ?? null,
  }
}
