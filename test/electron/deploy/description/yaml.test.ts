import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { readDescription, writeDescription } from '../../../../electron/deploy/description/yaml'
import { anySpec, fullSpec } from '../model/some-spec'

/** The lines of the fault that a text is refused with. */
function faults(text: string): string[] {
  try {
    readDescription(text)
  } catch (error) {
    if (error instanceof AppError && error.code === 'DESCRIPTION_INVALID')
      return (error.detail ?? '').split('\n')
    throw error
  }
  return []
}

describe('a description file', () => {
  it('tells any deployment again', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const { spec: read, unknown } = readDescription(writeDescription(spec))
        expect(read).toEqual(spec)
        expect(unknown).toEqual([])
      }),
    )
  }, 30_000)

  it('tells every field again, save which registry of this computer’s list it was', () => {
    const full = fullSpec()
    const { spec, secretsWanted } = readDescription(writeDescription(full))
    expect(spec).toEqual({ ...full, image: { ...full.image, registryId: null } })
    expect(secretsWanted).toEqual(['TOKEN'])
  })

  it('never holds the value of a secret, and never takes one', () => {
    const secret = randomBytes(12).toString('hex')
    const spec = fullSpec()
    spec.environment = [{ name: 'TOKEN', value: secret, secret: true }]
    expect(writeDescription(spec)).not.toContain(secret)
    const text = `name: a\nimage: b\nenvironment: { TOKEN: { value: ${secret}, secret: true } }`
    expect(JSON.stringify(readDescription(text))).not.toContain(secret)
  })

  it('takes the source system’s words', () => {
    const { spec, unknown, pool } = readDescription(
      [
        'name: shop',
        'image: registry.example/727524/shop',
        'version: 1.0',
        'environment: { LANG: zh_CN }',
        'ports: [{ container: 8080, protocol: TCP, access: HTTP, range: outer }, { container: 9, range: inner }]',
        'pool: east',
        'cpu: 0.15',
        'memory: 512',
        'disk: 1024',
        'instances: 3',
      ].join('\n'),
    )
    expect(unknown).toEqual([])
    expect(pool).toBe('east')
    expect(spec).toMatchObject({
      image: { reference: 'registry.example/727524/shop:1', repository: '727524/shop' },
      ports: [
        { container: 8080, host: null, access: 'http', scope: 'all', protocol: 'tcp' },
        { container: 9, access: 'tcp', scope: 'local' },
      ],
      cpu: { limit: 0.15 },
      memory: { limit: 512 * 2 ** 20 },
      diskBytes: 2 ** 30,
      instances: 3,
    })
  })

  it('takes docker’s short forms', () => {
    const { spec } = readDescription(
      'name: a\nimage: b\nports: ["127.0.0.1:8080:80/udp", "443"]\nvolumes: [data:/d, "/srv:/s:ro", /t]',
    )
    expect(spec.ports).toEqual([
      { container: 80, host: 8080, protocol: 'udp', scope: 'local', access: 'tcp' },
      { container: 443, host: null, protocol: 'tcp', scope: 'all', access: 'https' },
    ])
    expect(spec.volumes).toEqual([
      { kind: 'volume', name: 'data', path: '/d', readOnly: false },
      { kind: 'folder', source: '/srv', path: '/s', readOnly: true },
      { kind: 'volume', name: null, path: '/t', readOnly: false },
    ])
  })

  it('says which keys mean nothing to it', () => {
    const { unknown } = readDescription('name: a\nimage: b\ncolor: red\nports: [{ container: 80, tint: 1 }]')
    expect(unknown).toEqual(['color', 'ports.0.tint'])
  })
})

describe('a description file with faults', () => {
  it.each([
    ['name: a\nimage: b\nports: [80', ['3:11: ']],
    ['name: a\nname: b\nimage: c', ['2:1: ']],
    ['name: A b\nimage: c', ['1:1: name: lower-case']],
    ['image: c', ['1:1: name: ']],
    ['name: a\nimage: "no image"', ['2:1: image.reference: no name of an image']],
    ['name: a\nimage: b\nports:\n  - 80\n  - 99999', ['5:5: ports.1']],
    [
      'name: a\nimage: b\nports:\n  - container: 80\n  - container: 80',
      ['5:5: ports.1.container: this port is there already'],
    ],
    ['name: a\nimage: b\nports:\n  - container: x', ['4:5: ports.0.container: ']],
    [
      'name: a\nimage: b\nenvironment:\n  OK: 1\n  "NOT OK": 2',
      ['5:3: environment.1.name: no name of a variable'],
    ],
    ['name: a\nimage: b\ndisk: 0B', ['3:1: disk: out of range']],
    ['name: a\nimage: b\nhealth:\n  http: { port: 80 }\n  interval: soon', ['5:3: health.interval: ']],
    ["name: a\nimage: b\ncommand: it's", ['3:1: command: a quote is not closed']],
    [
      'name: a\nimage: b\nmemory: { limit: 64, reservation: 128 }',
      ['3:22: memory.reservation: more than the limit'],
    ],
    ['name: A\nimage: b\nuser: a b', ['1:1: name: lower-case', '3:1: user: no user']],
    ['', ['1:1: ']],
  ])('says where: %j', (text, expected) => {
    const found = faults(text)
    expect(found).toHaveLength(expected.length)
    for (const [index, start] of expected.entries())
      expect(found[index]?.startsWith(start), found[index]).toBe(true)
  })

  it('is refused before aliases fill the memory', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (let at = 0; at < 9; at += 1) {
      const [old, next] = [String.fromCharCode(97 + at), String.fromCharCode(98 + at)]
      bomb.push(`${next}: &${next} [*${old},*${old},*${old},*${old},*${old},*${old},*${old},*${old}]`)
    }
    expect(faults(bomb.join('\n'))).toHaveLength(1)
  })

  it('is not compared with itself, key by key, alias by alias or fault by fault', () => {
    const text = (count: number, line: (at: number) => string): string =>
      `name: a\nimage: b\nlabels:\n${Array.from({ length: count }, (_none, at) => `  ${line(at)}`).join('\n')}\n`
    const count = 10_000
    expect(Object.keys(readDescription(text(count, (at) => `k${at}: 1`)).spec.labels)).toHaveLength(count)
    expect(faults(text(1000, (at) => (at === 0 ? 'k: &a x' : `k${at}: *a`)))[0]).toMatch(/Too many aliases$/)
    expect(faults(text(10_000, (at) => `k${at}: []`)).length).toBeLessThanOrEqual(50)
  })

  it.each([
    ['[a, b, ', '1:443: nested too deeply'],
    ['[', '1:65: nested too deeply'],
    ['- ', /^1:\d+: nested too deeply$/],
    ['{a: ', /^1:\d+: nested too deeply$/],
    ['? ', /^1:\d+: nested too deeply$/],
    ['- a\n', /: far more than a description holds$/],
    ['[] ', /: far more than a description holds$/],
    ['k: v\n', /: far more than a description holds$/],
  ])(
    'is refused before it takes the stack or the minute: %j, two million characters of it',
    (piece, words) => {
      const [fault, ...more] = faults(piece.repeat(2_000_000 / piece.length))
      expect(fault).toMatch(words)
      expect(more).toEqual([])
    },
  )

  it('never fails in another way', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void faults(text)))
    fc.assert(
      fc.property(fc.object(), (object) => void faults(JSON.stringify({ name: 'a', image: 'b', ...object }))),
    )
  })
})
