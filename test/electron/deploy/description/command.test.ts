import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import { commandOf } from '../../../../electron/deploy/description/command'
import { imageOf } from '../../../../electron/deploy/model/image'
import { fullSpec } from '../model/some-spec'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-command-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a shell calls when it runs the text: the words of each call of docker or podman. */
function calls(text: string): string[][] {
  for (const program of ['docker', 'podman']) {
    writeFileSync(
      join(folder, program),
      `#!/bin/sh\nprintf '%s\\0' ${program} "$@" >> ${folder}/calls; echo "" | tr '\\n' '\\001' >> ${folder}/calls\ncat >/dev/null\n`,
      { mode: 0o755 },
    )
  }
  execFileSync('/bin/sh', ['-c', text], {
    ...{ cwd: folder, input: '' },
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
  })
  return readFileSync(join(folder, 'calls'), 'utf8')
    .split('\u0001')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1))
}

const after = (words: string[] | undefined, option: string): string[] =>
  (words ?? []).flatMap((word, index) => (words?.[index - 1] === option ? [word] : []))

describe('docker run', () => {
  it('is short for a deployment of nothing but an image', () => {
    const spec = { ...emptySpec(imageOf('localhost:5000/app:1'), 'app') }
    expect(calls(commandOf(spec, 'docker'))).toEqual([
      ['docker', 'run', '--detach', '--name', 'app-1', '--restart', 'unless-stopped', 'localhost:5000/app:1'],
    ])
    expect(calls(commandOf(spec, 'podman')).at(-1)?.[0]).toBe('podman')
  })

  it('has every field, and runs each instance', () => {
    const all = calls(commandOf(fullSpec(), 'docker'))
    expect(all.map(([, verb]) => verb)).toEqual(['create', 'cp', 'start', 'create', 'cp', 'start'])
    const [create, copy, , second] = all
    expect(after(create, '--name')[0]).toBe('shop-1')
    expect(after(second, '--name')[0]).toBe('shop-2')
    expect(copy?.at(-1)).toBe('shop-1:/etc/shop/shop.conf')
    expect(after(create, '--publish')).toEqual([
      '80/tcp',
      '127.0.0.1:19000:9000/udp',
      '127.0.0.1:19229:9229/tcp',
    ])
    expect(after(create, '--env')).toEqual(['GREETING=it’s "$HOME"', 'TOKEN'])
    expect(after(create, '--mount')).toEqual([
      'type=volume,source=shop-data,target=/data',
      'type=volume,target=/scratch',
      'type=bind,source=/srv/www,target=/www,readonly',
    ])
    expect(after(create, '--memory')).toEqual(['64m'])
    expect(after(create, '--restart')).toEqual(['on-failure:3'])
    expect(after(create, '--network')).toEqual(['front', 'back'])
    expect(after(create, '--entrypoint')).toEqual(['/bin/sh'])
    const image = create?.indexOf('registry.example:5000/team/shop:1.2') ?? -1
    expect(create?.slice(image + 1)).toEqual([
      ...['-c', '{ export READY=1 # really\n} && exec "$@"', 'sh', '/bin/shop', 'serve', '--name', 'a b'],
    ])
    expect(readFileSync(join(folder, 'shop-files/1-shop.conf'), 'utf8')).toBe('price=$5\n')
    expect(statSync(join(folder, 'shop-files/1-shop.conf')).mode & 0o777).toBe(0o640)
  })
})

describe('docker service create', () => {
  it('has every field that a swarm knows', () => {
    const [config, create] = calls(commandOf(fullSpec(), 'swarm'))
    expect(config).toEqual(['docker', 'config', 'create', 'shop-1-shop.conf', '-'])
    expect(after(create, '--replicas')).toEqual(['2'])
    expect(after(create, '--publish')).toEqual(['target=80,protocol=tcp'])
    expect(after(create, '--config')).toEqual([
      'source=shop-1-shop.conf,target=/etc/shop/shop.conf,mode=0640',
    ])
    expect(after(create, '--restart-condition')).toEqual(['on-failure'])
    expect(after(create, '--reserve-cpu')).toEqual(['0.25'])
    expect(after(create, '--env')).toEqual(['GREETING=it’s "$HOME"', 'TOKEN'])
    expect(create?.slice(-4)).toEqual(['registry.example:5000/team/shop:1.2', 'serve', '--name', 'a b'])
  })
})

it('quotes what is hostile', () => {
  const spec: DeploymentSpec = {
    ...emptySpec(imageOf('localhost/a:1'), 'a'),
    environment: [{ name: 'A;touch$IFS"x"', value: "'; touch x; '", secret: false }],
    labels: { '$(touch x)': '`touch x`' },
    volumes: [{ kind: 'folder', source: '/a,b"c', path: '/$(touch x)', readOnly: false }],
    files: [{ path: '/etc/$(touch x)', content: "'$(touch x)", mode: '0600' }],
    instances: 2,
  }
  for (const kind of ['docker', 'swarm'] as const) {
    expect(
      after(
        calls(commandOf(spec, kind)).find((call) => call.includes('--env')),
        '--mount',
      ),
    ).toEqual(['type=bind,"source=/a,b""c",target=/$(touch x)'])
    expect(() => statSync(join(folder, 'x'))).toThrow()
    rmSync(join(folder, 'calls'))
  }
})

it('never holds a secret', () => {
  const secret = randomBytes(12).toString('hex')
  const spec = fullSpec()
  spec.environment = [{ name: 'TOKEN', value: secret, secret: true }]
  for (const kind of ['docker', 'podman', 'swarm'] as const)
    expect(commandOf(spec, kind)).not.toContain(secret)
})
