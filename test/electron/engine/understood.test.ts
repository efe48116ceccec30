import { expect, it } from 'vitest'
import { z } from 'zod'
import { understood } from '../../../electron/engine/understood'

it('takes an answer of the form that is read, and refuses any other in words', () => {
  const schema = z.array(z.object({ Id: z.string() }))
  expect(understood(schema, [{ Id: 'a' }])).toEqual([{ Id: 'a' }])
  expect(() => understood(schema, [{ Id: 'a' }, { Id: 7 }])).toThrow(
    expect.objectContaining({ code: 'ENGINE_FAILED', detail: "The engine's answer has another form: 1.Id." }),
  )
  expect(() => understood(schema, null)).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
})
