import { describe, expect, it } from 'vitest'
import { noProgress, type Part, type Progress } from '@shared/job'
import { Speed } from '../../../electron/jobs/speed'

const pushing = (completed: number, parts: Part[] = []): Progress => ({
  ...noProgress,
  phase: 'pushing',
  completed,
  parts,
})

describe('Speed', () => {
  it('is the mean of the last four seconds', () => {
    const speed = new Speed()
    for (let second = 0; second <= 10; second += 1) speed.note(pushing(second * 100), second * 1000)
    for (let second = 11; second <= 20; second += 1)
      speed.note(pushing(1000 + (second - 10) * 500), second * 1000)
    expect(speed.at(20_000)).toBe(500)
  })

  it('is not known at first, and sinks to nothing while nothing comes', () => {
    const speed = new Speed()
    speed.note(pushing(0), 0)
    expect(speed.at(100)).toBeNull()
    speed.note(pushing(1000), 1000)
    expect(speed.at(1000)).toBe(1000)
    expect(speed.at(2000)).toBe(500)
    expect(speed.at(9000)).toBe(0)
  })

  it('does not count what was there already', () => {
    const speed = new Speed()
    const part = (state: Part['state'], completed: number): Part => ({
      id: state,
      state,
      completed,
      total: null,
    })
    speed.note(pushing(0, [part('exists', 0), part('active', 0)]), 0)
    speed.note(pushing(1_000_100, [part('exists', 1_000_000), part('active', 100)]), 1000)
    expect(speed.at(1000)).toBe(100)
  })

  it('begins anew when bytes are sent again', () => {
    const speed = new Speed()
    speed.note(pushing(0), 0)
    speed.note(pushing(1000), 1000)
    speed.note(pushing(100), 1100)
    expect(speed.at(1200)).toBeNull()
    speed.note(pushing(300), 2100)
    expect(speed.at(2100)).toBe(200)
  })
})
