import { describe, expect, it, vi } from 'vitest'
import { calls } from '@shared/contract'
import { AppError } from '@shared/error'
import { deployHandlers } from '../../electron/deploy-handlers'
import { Later } from '../../electron/later'
import type { Services } from '../../electron/services'

const dialogs = {
  choosePath: () => Promise.resolve('/chosen'),
  chooseSave: () => Promise.resolve(null),
  openText: () => Promise.resolve(null),
}

describe('the calls on deploying', () => {
  it('are all there, and load what they need at the first one', async () => {
    const list = { pools: [], currentId: null, revision: 0 }
    const make = vi.fn(() =>
      Promise.resolve({ pools: { list: () => list }, deployments: { terminals: {} } } as unknown as never),
    )
    const handlers = deployHandlers({ deploy: new Later(make) } as unknown as Services, dialogs)
    const wanted = Object.keys(calls).filter((name) => /^(pool|deployment|log|terminal):/.test(name))
    expect(Object.keys(handlers).sort()).toEqual(wanted.sort())
    expect(make).not.toHaveBeenCalled()
    expect(await handlers['pool:list'](undefined)).toBe(list)
    expect(await handlers['pool:choose-path']({ folder: true })).toBe('/chosen')
    expect(make).toHaveBeenCalledTimes(1)
  })
  it('say why they cannot be answered, and try anew at the next', async () => {
    const list = { pools: [], currentId: null, revision: 0 }
    const make = vi
      .fn(() => Promise.resolve({ pools: { list: () => list }, deployments: {} } as unknown as never))
      .mockRejectedValueOnce(new AppError('STORE_FAILED', { side: 'store' }))
    const handlers = deployHandlers({ deploy: new Later(make) } as unknown as Services, dialogs)
    await expect(handlers['pool:list'](undefined)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(await handlers['pool:list'](undefined)).toBe(list)
  })
})
