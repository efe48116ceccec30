/** Description files: any YAML, bombs among it, and every deployment written and read back, as Compose and as a command too. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { parse } from 'yaml'
import { DeploymentSpec } from '@shared/deployment'
import { parseSeconds, parseSize, sizeText, sizeWord } from '../../../electron/deploy/description/amount'
import { commandOf } from '../../../electron/deploy/description/command'
import { composeOf } from '../../../electron/deploy/description/compose'
import { quoteWord, splitWords } from '../../../electron/deploy/description/shell'
import { readDescription, writeDescription } from '../../../electron/deploy/description/yaml'
import { anySpec } from '../../electron/deploy/model/some-spec'
import { leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bent, bentText, soup } from './texts'

const written = anySpec.map(writeDescription)
const hostile = fc.constantFrom(
  // Aliases of aliases, of themselves, as keys; tags; directives; merges; numbers of every kind.
  'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d]\n',
  'labels: &l\n  x: *l\n',
  '&n name: x\n? *n\n: y\n',
  '? [a, b]\n: c\n',
  '<<: {name: x}\n',
  '%YAML 1.1\n---\n',
  '--- !!binary aGk=\n',
  'image: !!set {a, b}\n',
  'ports: [0x50, 0o120, 8_0, .inf, -.nan, 1e999, 99999999999999999999]\n',
  'environment: {__proto__: 1, constructor: x, A: {secret: true, value: canary}}\n',
  'cpu: !!float 1\nmemory: 1e400\n',
  'name: a\nname: b\n',
)
const yamlPieces = [
  'name: ',
  'image: ',
  'x',
  '\n',
  '  ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ': ',
  '&a ',
  '*a',
  '!!str ',
  '|\n',
  '>-\n',
  '"',
  "'",
  '#',
  '? ',
  '---\n',
  '<<: ',
  '\t',
]

function read(text: string): void {
  const found = outcome(() => readDescription(text))
  if ('error' in found) {
    const { code, detail } = found.error
    if (code !== 'DESCRIPTION_INVALID') lost(code)
    if ((detail?.length ?? 0) > 4000 || !detail) lost('no words, or too many')
    return
  }
  const { spec, unknown, secretsWanted } = found.value
  if (!DeploymentSpec.safeParse(spec).success) taken('no deployment')
  if (unknown.length > 200) leaked('unknown keys without end')
  if (spec.environment.some(({ secret, value }) => secret && value !== ''))
    leaked('the value of a secret from a file')
  if (secretsWanted.length !== spec.environment.filter(({ secret }) => secret).length)
    lost('a secret is not asked for')
}

const withSecret = anySpec.map((spec) => ({
  ...spec,
  environment: [
    ...spec.environment.filter(({ name }) => name !== 'CANARY'),
    { name: 'CANARY', value: 'c4n4ry-v4lue', secret: true },
  ],
}))

/** Without prototypes, of which generated tables have none. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

export const descriptions = (): Surface => ({
  name: 'descriptions',
  properties: [
    property('a deployment is read back as it was', anySpec, (spec) => {
      const { spec: back, unknown } = readDescription(writeDescription(spec))
      const meant = {
        ...spec,
        environment: spec.environment.map((one) => (one.secret ? { ...one, value: '' } : one)),
      }
      if (unknown.length > 0 || !isDeepStrictEqual(plain(back), plain({ ...meant, image: back.image })))
        lost(JSON.stringify(back))
      if (back.image.reference !== spec.image.reference || back.image.digest !== spec.image.digest)
        lost('another image')
    }),
    property('no secret is in what is written', withSecret, (spec) => {
      const all = [
        writeDescription(spec),
        ...(['docker', 'podman', 'swarm'] as const).flatMap((kind) => [
          commandOf(spec, kind),
          composeOf(spec, kind),
        ]),
      ]
      if (all.some((text) => text.includes('c4n4ry-v4lue'))) leaked('a secret')
    }),
    property('a Compose file is YAML of one service', anySpec, (spec) => {
      const compose = parse(composeOf(spec, 'docker')) as { services?: Record<string, unknown> }
      if (!isDeepStrictEqual(Object.keys(compose.services ?? {}), [spec.name])) lost(JSON.stringify(compose))
    }),
    property('a file with a few places changed', bentText(written), read),
    property(
      'a file with a value of another kind',
      bent(written.map((text) => parse(text) as unknown)).map((value) => JSON.stringify(value) ?? ''),
      read,
    ),
    property(
      'any JSON',
      anyJson.map((value) => JSON.stringify(value) ?? ''),
      read,
    ),
    property(
      'pieces of YAML',
      fc.oneof(
        soup(...yamlPieces),
        fc.tuple(hostile, soup(...yamlPieces)).map(([a, b]) => a + b),
      ),
      read,
    ),
    property(
      'bombs among the rest',
      fc
        .tuple(hostile, written, fc.boolean())
        .map(([bomb, text, first]) => (first ? bomb + text : text + bomb)),
      read,
    ),
    property(
      'the same again and again, up to 60 kB',
      fc.tuple(
        fc.constantFrom(
          '[',
          '{a: ',
          '- ',
          '? ',
          '&a ',
          '"',
          "'",
          '|\n ',
          'a: b\n',
          '!!x ',
          '#',
          ' ',
          '\n',
          '[a, ',
          '{b, ',
        ),
        fc.integer({ min: 1, max: 200_000 }),
        fc.boolean(),
      ),
      ([piece, length, keyed]) => {
        const text = Array.from({ length: Math.ceil(length / (piece.length + 5)) }, (_none, at) =>
          keyed ? `k${at}: ${piece}\n` : piece,
        )
        read(text.join(''))
      },
    ),
    property(
      'amounts',
      fc.oneof(anyText, soup('1', '.', '5', 'M', 'i', 'B', ' ', 'g', 'ms', 'h', 'e')),
      (text) => {
        for (const value of [parseSize(text), parseSeconds(text)])
          if (value !== null && !(value >= 0)) taken(`${value}`)
      },
    ),
    property('sizes are read back', fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      if (parseSize(sizeText(bytes)) !== bytes || parseSize(sizeWord(bytes)) !== bytes)
        lost(`${sizeText(bytes)} ${sizeWord(bytes)}`)
    }),
    property('words of a shell are read back', fc.array(anyText, { maxLength: 5 }), (words) => {
      if (!isDeepStrictEqual(splitWords(words.map(quoteWord).join(' ')), words))
        lost(words.map(quoteWord).join(' '))
    }),
    property(
      'any command is words, or not closed',
      fc.oneof(anyText, soup("'", '"', '\\', ' ', 'a', '$')),
      (text) => void splitWords(text),
    ),
  ],
})
