import type { z } from 'zod'
import { AppError } from '@shared/error'

/** An engine's answer in the form that is read here; ENGINE_FAILED with the place where it is another one. */
export function understood<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const place = parsed.error.issues[0]?.path.map(String).join('.').slice(0, 200) ?? ''
  const detail = `The engine's answer has another form${place === '' ? '' : `: ${place}`}.`
  throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })
}
