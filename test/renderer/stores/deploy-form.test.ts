import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type DeploymentSpec, DeploymentSpec as Schema } from '@shared/deployment'
import { formOf, formPath, formProblems, nextKey, secretsOf, specOf } from '@/stores/deploy-form'
import { sampleSpec } from '../support/deploy-samples'

const full: DeploymentSpec = sampleSpec({
  platform: 'linux/arm64',
  instances: 2,
  ports: [
    { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' },
    { container: 53, host: 5353, protocol: 'udp', scope: 'local', access: 'tcp' },
  ],
  cpu: { limit: 0.5, reservation: 0.1, weight: 512 },
  memory: { limit: 512 * 1024 ** 2, reservation: 64e6 },
  diskBytes: 10e9,
  environment: [
    { name: 'MODE', value: 'a=b c', secret: false },
    { name: 'TOKEN', value: '', secret: true },
  ],
  volumes: [
    { kind: 'volume', name: 'data', path: '/data', readOnly: false },
    { kind: 'volume', name: null, path: '/cache', readOnly: true },
    { kind: 'folder', source: '/srv', path: '/srv', readOnly: true },
  ],
  command: ['sh', '-c', `echo "it's"`, ''],
  entrypoint: ['/bin/sh'],
  beforeStart: 'a && b',
  beforeStop: 'c',
  user: '1000:1000',
  workingFolder: '/app',
  restart: { policy: 'on-failure', retries: 3 },
  health: {
    kind: 'http',
    port: 80,
    path: '/up',
    startSeconds: 5,
    intervalSeconds: 10,
    timeoutSeconds: 2,
    retries: 3,
  },
  stopSeconds: 30,
  labels: { 'com.example.team': 'shop', empty: '' },
  networks: ['front', 'back'],
  files: [{ path: '/etc/app.conf', content: 'a\n', mode: '0640' }],
  debugPort: { container: 5005, host: null },
})

it('says of a spec what the spec said, with everything set and with nothing', () => {
  expect(Schema.parse(full)).toEqual(full)
  for (const spec of [full, sampleSpec(), sampleSpec({ health: { kind: 'none' }, ports: [] })]) {
    expect(specOf(formOf(spec))).toEqual(spec)
  }
})

it('leaves out rows in which nothing is typed, and finds problems in the others by their key', () => {
  const form = formOf(full)
  const blank = { key: nextKey(), name: '', value: '', secret: false }
  const wrong = { key: nextKey(), name: 'A B', value: '1', secret: false }
  form.environment.unshift(blank)
  form.environment.push(wrong)
  expect(specOf(form).environment).toHaveLength(3)
  expect([...formProblems(form, new Set(['TOKEN']))]).toEqual([
    [`environment.${wrong.key}.name`, 'environment-name'],
  ])
  expect(formPath('environment.2.name', form)).toBe(`environment.${wrong.key}.name`)
})

it('knows what is missing from what is wrong', () => {
  const form = formOf(sampleSpec())
  const [port] = form.ports
  if (!port) throw new Error('no port')
  form.instances = null
  form.ports = [
    { ...port, container: null },
    { ...port, key: nextKey(), container: NaN },
  ]
  form.memory.limit = NaN
  form.health.kind = 'tcp'
  form.health.port = null
  form.debugPort.host = 5005
  expect(Object.fromEntries(formProblems(form))).toEqual({
    instances: 'required',
    [`ports.${port.key}.container`]: 'required',
    [`ports.${form.ports[1]?.key}.container`]: 'number',
    'memory.limit': 'number',
    'health.port': 'required',
    'debugPort.container': 'required',
  })
})

it('keeps secret values out of the spec, and wants one for each secret that has none', () => {
  const form = formOf(sampleSpec())
  const value = randomBytes(8).toString('hex')
  const [one, two] = [nextKey(), nextKey()]
  form.environment = [
    { key: one, name: 'PASSWORD', value, secret: true },
    { key: two, name: 'TOKEN', value: '', secret: true },
  ]
  expect(JSON.stringify(specOf(form))).not.toContain(value)
  expect(secretsOf(form)).toEqual({ PASSWORD: value })
  expect([...formProblems(form)]).toEqual([[`environment.${two}.value`, 'required']])
  expect(formProblems(form, new Set(['TOKEN'])).size).toBe(0)
})

it('tells labels, volumes and networks by their place in the form', () => {
  const form = formOf(sampleSpec({ labels: { 'io.slipway.x': '1' }, networks: ['ok'] }))
  form.labels.push({ key: nextKey(), name: 'io.slipway.x', value: '2' })
  form.volumes = [{ key: nextKey(), kind: 'volume', source: '-bad', path: '/a', readOnly: false }]
  form.networks = 'ok, -bad'
  expect(Object.fromEntries(formProblems(form))).toEqual({
    [`labels.${form.labels[0]?.key}.name`]: 'label-reserved',
    [`labels.${form.labels[1]?.key}.name`]: 'label',
    [`volumes.${form.volumes[0]?.key}.source`]: 'volume',
    networks: 'network',
  })
})
