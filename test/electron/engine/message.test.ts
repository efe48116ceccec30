import { describe, expect, it } from 'vitest'
import { failureOf, lineOf, pulledDigest, pushedDigest, readMessage } from '../../../electron/engine/message'

const digest = `sha256:${'ab'.repeat(32)}`

describe('a message', () => {
  it('reads whatever its fields are', () => {
    expect(() => readMessage({ status: 7, progressDetail: [], aux: 'x', errorDetail: 3 })).not.toThrow()
  })
  it('with an error is a failure, in either spelling and without words too', () => {
    const of = (value: unknown): string | null => failureOf(readMessage(value))
    expect(of({ error: 'denied', errorDetail: { message: 'denied: no' } })).toBe('denied: no')
    expect(of({ error: 'denied' })).toBe('denied')
    expect(of({ errorDetail: { message: 'denied' } })).toBe('denied')
    expect(of({ error: '' })).not.toBeNull()
    expect(of({ errorDetail: {} })).not.toBeNull()
    expect(of({ error: 7 })).not.toBeNull()
    expect(of({ errorDetail: 'x' })).not.toBeNull()
    expect(of({ status: 'Pushed', error: null })).toBeNull()
  })
  it('tells the pushed digest: Docker in aux, Podman in words', () => {
    expect(pushedDigest(readMessage({ aux: { Tag: 'v1', Digest: digest, Size: 946 } }))).toBe(digest)
    expect(pushedDigest(readMessage({ status: `v1: digest: ${digest} size: 754` }))).toBe(digest)
    expect(pushedDigest(readMessage({ aux: { manifestPushedInsteadOfIndex: true } }))).toBeNull()
    expect(pushedDigest(readMessage({ status: 'Pushed', id: 'abc' }))).toBeNull()
  })
  it('tells the pulled digest', () => {
    expect(pulledDigest(readMessage({ status: `Digest: ${digest}` }))).toBe(digest)
    expect(pulledDigest(readMessage({ status: 'Digest: nonsense' }))).toBeNull()
  })
  it('becomes one line without control characters', () => {
    expect(lineOf(readMessage({ id: 'abc', status: 'Pushed' }))).toBe('abc: Pushed')
    expect(lineOf(readMessage({ error: 'bad\u001b[31m\nthing' }))).toBe('bad [31m thing')
    expect(lineOf(readMessage({ aux: {} }))).toBeNull()
  })
})
