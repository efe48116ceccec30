import { expect, it } from 'vitest'
import { differenceOf, specLines, type SpecWords } from '@/components/deployment/spec-lines'
import { createMessages } from '@/i18n'
import { image, spec } from '../../support/deployment-samples'

const { t } = createMessages('en').global
const words: SpecWords = {
  t: (key, values, count) => t(key, values, count),
  bytes: (value) => `${value} B`,
  number: String,
  duration: (value) => `${value} s`,
}
const lines = (changes: Parameters<typeof spec>[0] = {}) => specLines(spec(changes), words)
const shown = (changes: Parameters<typeof spec>[0]) =>
  Object.fromEntries(lines(changes).map(({ name, value }) => [name, value]))

it('tells what is set and nothing else', () => {
  expect(lines().map(({ key }) => key)).toEqual(['image', 'delivery', 'instances', 'restart', 'health'])
})

it('reads', () => {
  expect(
    shown({
      ports: [
        { container: 80, host: 8080, protocol: 'tcp', scope: 'all', access: 'http' },
        { container: 53, host: null, protocol: 'udp', scope: 'local', access: 'tcp' },
      ],
      cpu: { limit: 0.15, reservation: null, weight: 512 },
      memory: { limit: 512, reservation: null },
      volumes: [
        { kind: 'volume', name: 'data', path: '/data', readOnly: false },
        { kind: 'folder', source: '/srv', path: '/etc/srv', readOnly: true },
      ],
      command: ['nginx', '-g', 'daemon off;'],
      restart: { policy: 'on-failure', retries: 3 },
      health: {
        kind: 'http',
        port: 80,
        path: '/ok',
        startSeconds: 5,
        intervalSeconds: 10,
        timeoutSeconds: 2,
        retries: 3,
      },
      files: [{ path: '/etc/app.conf', content: 'a\nb\n', mode: '0644' }],
    }),
  ).toMatchObject({
    '80/tcp': '8080, all addresses, http',
    '53/udp': 'a free port, the host itself only, no browser',
    'CPU limit': '0.15 cores',
    '/data': 'volume data',
    '/etc/srv': 'folder /srv, read-only',
    Command: "nginx -g 'daemon off;'",
    Restart: 'after a failure, at most 3 times',
    'Health check': 'http on port 80/ok, every 10 s, within 2 s, counts after 5 s, 3 failures allowed',
    '/etc/app.conf': '2 lines, mode 0644',
  })
})

it('never shows a secret, and tells when a variable became one', () => {
  const open = lines({ environment: [{ name: 'KEY', value: 'abc', secret: false }] })
  const secret = lines({ environment: [{ name: 'KEY', value: '', secret: true }] })
  expect(secret.find(({ name }) => name === 'KEY')?.value).toBe('secret, in the keychain')
  expect(differenceOf(open, secret)).toMatchObject([{ before: 'abc', after: 'secret, in the keychain' }])
})

it('tells what two versions differ in, a file’s content too', () => {
  const before = lines({
    environment: [
      { name: 'MODE', value: 'a', secret: false },
      { name: 'OLD', value: '1', secret: false },
    ],
    files: [{ path: '/f', content: 'x', mode: '0644' }],
  })
  const after = lines({
    image: image('1.28'),
    environment: [
      { name: 'MODE', value: 'b', secret: false },
      { name: 'NEW', value: '', secret: false },
    ],
    files: [{ path: '/f', content: 'y', mode: '0644' }],
  })
  expect(differenceOf(before, after).map((change) => [change.name, change.before, change.after])).toEqual([
    ['Image', 'docker.io/library/nginx:1.27', 'docker.io/library/nginx:1.28'],
    ['MODE', 'a', 'b'],
    ['NEW', null, ''],
    ['OLD', '1', null],
    ['/f', '1 line, mode 0644', '1 line, mode 0644'],
  ])
  expect(differenceOf(after, after)).toEqual([])
})
