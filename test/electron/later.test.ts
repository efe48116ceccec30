import { describe, expect, it, vi } from 'vitest'
import { Later } from '../../electron/later'

describe('something that is made later', () => {
  it('is made at its first use, and once', async () => {
    const make = vi.fn(() => Promise.resolve({ it: 1 }))
    const later = new Later(make)
    expect(later.made).toBe(null)
    expect(make).not.toHaveBeenCalled()
    const [one, other] = await Promise.all([later.get(), later.get()])
    expect(one).toBe(other)
    expect(later.made).toBe(one)
    expect(make).toHaveBeenCalledTimes(1)
  })
  it('is tried anew after it failed', async () => {
    const make = vi.fn(() => Promise.resolve('made')).mockRejectedValueOnce(new Error('not yet'))
    const later = new Later(make)
    await expect(later.get()).rejects.toThrow('not yet')
    expect(await later.get()).toBe('made')
  })
  it('is ended where it was made, and not made any more', async () => {
    const never = new Later(() => Promise.resolve('made'))
    const end = vi.fn(() => Promise.resolve())
    await never.close(end)
    expect(end).not.toHaveBeenCalled()
    await expect(never.get()).rejects.toMatchObject({ code: 'CANCELLED' })
    const begun = new Later(() => Promise.resolve('made'))
    void begun.get()
    await begun.close(end)
    expect(end).toHaveBeenCalledWith('made')
  })
})
