import { json, plain } from '../../../support/registry/test-server'
import type { Case } from '../case'
import { pathTricks, manifest, put } from './manifests'

const kinds = {
  catalog: { path: /_catalog/, field: 'repositories' },
  tags: { path: /tags\/list/, field: 'tags' },
} as const

const links: [string, (trap: string, own: string) => string][] = [
  ['another host', (trap) => `<http://localhost:${trap}/v2/_catalog?n=5>; rel="next"`],
  ['another port', (trap) => `<http://127.0.0.1:${trap}/v2/_catalog?n=5>; rel="next"`],
  ['another scheme', (_trap, own) => `<https://127.0.0.1:${own}/v2/_catalog?n=5>; rel="next"`],
  ['a host without a scheme', (trap) => `<//localhost:${trap}/v2/>; rel="next"`],
  ['backslashes', (trap) => `<\\\\localhost:${trap}\\v2\\>; rel="next"`],
  ['a user', (_trap, own) => `<http://user:word@127.0.0.1:${own}/v2/_catalog?n=5>; rel="next"`],
  ['a file', () => '<file:///etc/passwd>; rel="next"'],
  ['a machine\u2019s metadata', () => '<http://169.254.169.254/latest/meta-data/>; rel="next"'],
  ['a script', () => '<javascript:alert(1)>; rel=next'],
  ['a broken address', () => '<http://[::1>; rel="next"'],
  ['10,000 characters', () => `</v2/${'a'.repeat(10_000)}>; rel="next"`],
]

const names: unknown[] = [
  ...[
    '../../etc',
    'a//b',
    'a/../b',
    '/a',
    'a/',
    'A',
    'a\0b',
    'a\nb',
    'a b',
    '',
    '.',
    '..',
    'a?n=5',
    'a#b',
    'a%2fb',
    'a\u202eb',
  ],
  ...[5, null, true, {}, [], ['a'], { name: 'a' }, 'x'.repeat(1_000_000), 'x'.repeat(256), '__proto__', 'ä'],
]

function listing(name: string, run: (kind: keyof typeof kinds) => Case['run']): Case[] {
  return (['catalog', 'tags'] as const).map((kind) => ({ name: `${kind}: ${name}`, run: run(kind) }))
}

const whole = (kind: keyof typeof kinds, value: string, what: string): Case => ({
  name: `${kind}: ${what}`,
  async run(scene) {
    const party = await scene.registry()
    party.server.on('GET', kinds[kind].path, plain(200, { 'content-type': 'application/json' }, value))
    const { error } = kind === 'catalog' ? await scene.catalog(party) : await scene.repository(party)
    scene.expect(error, 'RESPONSE_INVALID', 'NOT_A_REGISTRY', 'RESPONSE_TOO_LARGE')
  },
})

export const listingCases: Case[] = [
  ...links.flatMap(([what, link]) =>
    listing(`a link to ${what}`, (kind) => async (scene) => {
      const party = await scene.registry()
      const trap = await scene.elsewhere()
      await scene.signIn(party)
      const { path, field } = kinds[kind]
      const header = { link: link(String(trap.port), String(party.server.port)) }
      party.server.on('GET', path, json(200, { [field]: ['one'] }, header))
      const snapshot = kind === 'catalog' ? await scene.catalog(party) : await scene.repository(party)
      scene.check(
        snapshot.error === null || snapshot.error.code === 'RESPONSE_TOO_LARGE',
        'lost',
        `${snapshot.error?.code}`,
      )
      scene.check(!snapshot.complete, 'falseSuccess', 'it is said to be whole')
      scene.check(trap.requests.length + trap.connections === 0, 'leaked', 'the link was followed')
    }),
  ),
  ...listing('a link to itself', (kind) => async (scene) => {
    const party = await scene.registry()
    const { path, field } = kinds[kind]
    party.server.on('GET', path, ({ path: own }, response) =>
      json(
        200,
        { [field]: ['one'] },
        { link: `<${own}>; rel="next"` },
      )({ method: '', path: '', headers: {}, body: Buffer.alloc(0) }, response),
    )
    const { complete } = kind === 'catalog' ? await scene.catalog(party) : await scene.repository(party)
    scene.check(!complete, 'falseSuccess', 'it is said to be whole')
    scene.check(party.server.seen('GET', path).length < 5, 'lost', 'it was asked again and again')
  }),
  ...listing('links without end', (kind) => async (scene) => {
    const party = await scene.registry()
    const { path, field } = kinds[kind]
    let count = 0
    party.server.on('GET', path, (request, response) => {
      count += 1
      const link = { link: `<${request.path.split('?')[0]}?n=1&last=${count}>; rel="next"` }
      return json(200, { [field]: [`n${count}`] }, link)(request, response)
    })
    // Every name is a tag to be asked for; that is not what is looked at here.
    party.server.on('GET', /manifests/, plain(404))
    const { complete } = kind === 'catalog' ? await scene.catalog(party) : await scene.repository(party)
    scene.check(!complete, 'falseSuccess', 'it is said to be whole')
    scene.check(count <= 1000, 'lost', `${count} pages`)
  }).map((each): Case => ({ ...each, long: true })),
  ...listing('names that are none', (kind) => async (scene) => {
    const party = await scene.registry()
    const { path, field } = kinds[kind]
    party.server.on('GET', path, json(200, { [field]: [...names, ...pathTricks, 'good'] }))
    party.server.on('GET', /manifests/, plain(404))
    const snapshot = kind === 'catalog' ? await scene.catalog(party) : await scene.repository(party)
    const shown = 'repositories' in snapshot ? snapshot.repositories : snapshot.tags
    const extra = shown
      .map(({ name }) => name)
      .filter((name) => !['good', 'A', '__proto__', 'a', 'x'].includes(name))
    scene.check(extra.length === 0, 'falseSuccess', `${JSON.stringify(extra).slice(0, 300)}`)
    scene.check(
      shown.some(({ name }) => name === 'good'),
      'lost',
      'the good one is not there',
    )
  }),
  ...(['catalog', 'tags'] as const).flatMap((kind) => [
    whole(kind, `{"${kinds[kind].field}":{"length":5}}`, 'an object for a list'),
    whole(kind, `{"${kinds[kind].field}":"abc"}`, 'a text for a list'),
    whole(kind, '[]', 'a mere list'),
    whole(kind, 'null', 'null'),
    whole(kind, '', 'nothing'),
    whole(kind, '{"__proto__":{"repositories":["a"],"tags":["a"]}}', 'a key __proto__'),
    whole(kind, `{"x":${'['.repeat(50_000)}`, '50,000 lists deep'),
    whole(kind, `\ufeff{"${kinds[kind].field}":["a"]}`, 'a byte order mark'),
  ]),
  {
    name: 'tags: the details that a list leads to are refused one by one',
    async run(scene) {
      const party = await scene.registry()
      scene.honest.add(party.id)
      put(party, manifest())
      party.server.store('a', 'bad', 'application/vnd.evil+json', Buffer.from('{}'))
      const { tags, error } = await scene.repository(party)
      scene.check(error === null, 'lost', `the list ends with ${error?.code}`)
      scene.expect(tags.find(({ name }) => name === 'bad')?.error, 'RESPONSE_INVALID')
    },
  },
]
