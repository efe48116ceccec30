import { mkdirSync, symlinkSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PoolDraft } from '@shared/pool'
import { hostKey, placesOf, targetOf } from '../../../../electron/deploy/pools/place'
import type { Target } from '../../../../electron/engine/target'

const draft = (host: string, rest: Partial<PoolDraft> = {}): PoolDraft => ({
  ...{ name: 'n', host, certificates: null, sshConfig: null },
  ...rest,
})
const found = (host: string, rest: Partial<Target> = {}): Target => ({
  endpoint: { id: `id-${host}`, source: 'socket', label: host, host },
  ...{ tls: null, explicit: false, present: true, problem: null },
  ...rest,
})
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'slw-place-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

describe('one engine', () => {
  it('is one place, however it is written', () => {
    expect(hostKey('tcp://H.example:2375')).toBe(hostKey('tcp://h.example:2375/'))
    expect(hostKey('ssh://dev@h')).toBe(hostKey('ssh://dev@H:22'))
    expect(hostKey('ssh://dev@h')).not.toBe(hostKey('ssh://ops@h'))
    const path = folder()
    writeFileSync(join(path, 'real.sock'), '')
    symlinkSync(join(path, 'real.sock'), join(path, 'link.sock'))
    expect(hostKey(`unix://${path}/link.sock`)).toBe(hostKey(`unix://${path}/real.sock`))
  })
  it('that was added and found has the name that it was given', () => {
    const stored = { ...draft('unix:///run/x.sock', { name: 'mine' }), id: 'own' }
    const places = placesOf([stored], [found('unix:///run/x.sock'), found('unix:///run/y.sock')])
    expect(places.map(({ id, name, source }) => [id, name, source])).toEqual([
      ['own', 'mine', 'added'],
      ['id-unix:///run/y.sock', '/run/y.sock', 'found'],
    ])
  })
  it('is no place where its socket is not there, unless docker was told to look there', () => {
    expect(placesOf([], [found('unix:///a', { present: false })])).toEqual([])
    expect(placesOf([], [found('unix:///a', { present: false, explicit: true })])).toHaveLength(1)
  })
})

describe('a draft', () => {
  const fieldOf = (given: PoolDraft): string | undefined => targetOf(given, 'x').problem?.context.field

  it('says which of its fields cannot be used', () => {
    const path = folder()
    expect(fieldOf(draft('tcp://h', { certificates: join(path, 'no') }))).toBe('certificates')
    expect(fieldOf(draft('tcp://h', { certificates: path }))).toBe('certificates')
    mkdirSync(join(path, 'half'))
    writeFileSync(join(path, 'half/cert.pem'), 'x')
    expect(fieldOf(draft('tcp://h', { certificates: join(path, 'half') }))).toBe('certificates')
    expect(fieldOf(draft('ssh://h', { sshConfig: join(path, 'no') }))).toBe('sshConfig')
    expect(fieldOf(draft('ssh://h', { sshConfig: path }))).toBe('sshConfig')
    expect(targetOf(draft('ssh://-oProxyCommand=x'), 'x').problem?.code).toBe('ENGINE_FAILED')
  })
  it('reads the certificates that docker’s own client would', () => {
    const path = folder()
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(path, `${name}.pem`), name)
    expect(targetOf(draft('tcp://h', { certificates: path }), 'x')).toMatchObject({
      tls: { ca: 'ca', cert: 'cert', key: 'key', verify: true },
      problem: null,
    })
  })
})
