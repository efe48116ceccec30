import { describe, expect, it, vi } from 'vitest'
import { calls, type Handlers } from '@shared/contract'
import { AppError } from '@shared/error'
import { defaultSettings } from '@shared/settings'
import { answer, createDoor, createEmit } from '../../electron/ipc'
import { silentLog } from '../../electron/log'

const handlers = (change: Partial<Handlers>): Handlers =>
  ({
    ...Object.fromEntries(Object.keys(calls).map((name) => [name, () => undefined])),
    ...change,
  }) as Handlers
const options = (change: Partial<Handlers> = {}) => ({
  handlers: handlers(change),
  strict: true,
  log: silentLog,
})

describe('a call', () => {
  it('is parsed, handled and answered', async () => {
    const result = await answer(
      'settings:read',
      undefined,
      options({ 'settings:read': () => defaultSettings }),
    )
    expect(result).toEqual({ ok: true, value: defaultSettings })
  })
  it.each([['constructor'], ['__proto__'], ['job:explode'], [7], [null]])(
    'with the name %j is refused',
    async (name) => {
      expect(await answer(name, undefined, options())).toMatchObject({
        ok: false,
        error: { code: 'INPUT_INVALID' },
      })
    },
  )
  it('with bad input never reaches its handler, and names the field but not the value', async () => {
    const signIn = vi.fn()
    const result = await answer(
      'account:sign-in',
      { registryId: 'r', username: 'u', password: ['canary'], keep: 'keychain' },
      options({ 'account:sign-in': signIn }),
    )
    expect(signIn).not.toHaveBeenCalled()
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'INPUT_INVALID', context: { field: 'password' } },
    })
    expect(JSON.stringify(result)).not.toContain('canary')
  })
  it('with an input whose length is no number is refused as any other', async () => {
    const id = { length: { toString: 1, valueOf: 1 } }
    expect(await answer('job:cancel', { id }, options())).toMatchObject({
      ok: false,
      error: { code: 'INPUT_INVALID' },
    })
  })
  it('that fails answers the error with its code', async () => {
    const failing = options({
      'engine:reconnect': () => {
        throw new AppError('ENGINE_STOPPED', { side: 'engine' })
      },
    })
    expect(await answer('engine:reconnect', undefined, failing)).toMatchObject({
      ok: false,
      error: { code: 'ENGINE_STOPPED' },
    })
  })
  it('whose output breaks the contract is an error where outputs are checked', async () => {
    const broken = options({ 'settings:read': () => ({ language: 'klingon' }) as never })
    expect(await answer('settings:read', undefined, broken)).toMatchObject({
      ok: false,
      error: { code: 'INTERNAL' },
    })
  })
})

describe('the door', () => {
  const mainFrame = { url: 'slipway://app/index.html' }
  const contents = { mainFrame, isDestroyed: () => false, send: vi.fn() }
  const open = () => {
    const door = createDoor({
      ...options({ 'settings:read': () => defaultSettings }),
      contents: () => contents as never,
      isOwnPage: (url) => url.startsWith('slipway://app/'),
    })
    return (event: object) => door(event as never, 'settings:read', undefined)
  }
  it('opens to our own main frame', async () => {
    expect(await open()({ sender: contents, senderFrame: mainFrame })).toMatchObject({ ok: true })
  })
  it.each([
    ['another frame', { sender: contents, senderFrame: { url: mainFrame.url } }],
    ['another window', { sender: { mainFrame }, senderFrame: mainFrame }],
    ['a frame that is gone', { sender: contents, senderFrame: null }],
  ])('stays shut to %s', async (_who, event) => {
    expect(await open()(event)).toMatchObject({ ok: false, error: { code: 'DENIED' } })
  })
  it('stays shut to another page in our window', async () => {
    const frame = { url: 'https://evil.example/' }
    const other = { ...contents, mainFrame: frame }
    const door = createDoor({
      ...options(),
      contents: () => other as never,
      isOwnPage: (url) => url.startsWith('slipway://app/'),
    })
    expect(
      await door({ sender: other, senderFrame: frame } as never, 'settings:read', undefined),
    ).toMatchObject({
      ok: false,
    })
  })
  it('emits to the window, and to none when it is gone', () => {
    const emit = createEmit({ contents: () => contents as never, strict: true, log: silentLog })
    emit('settings:changed', defaultSettings)
    expect(contents.send).toHaveBeenCalledWith('slipway:event:settings:changed', defaultSettings)
    createEmit({ contents: () => null, strict: true, log: silentLog })('settings:changed', defaultSettings)
    expect(contents.send).toHaveBeenCalledTimes(1)
  })
})
