import { AppError, type ErrorInfo } from '@shared/error'

/** What a call throws when main answers with an error. */
export class CallError extends Error {
  readonly info: ErrorInfo

  constructor(info: ErrorInfo) {
    super(info.code)
    this.name = 'CallError'
    this.info = info
  }
}

/** Any thrown value as what can be shown: unknown ones become INTERNAL and keep their words as detail. */
export function errorInfoOf(thrown: unknown): ErrorInfo {
  if (thrown instanceof CallError) return thrown.info
  if (thrown instanceof AppError) return thrown.toInfo()
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'INTERNAL', context: { side: 'program' }, detail: detail.slice(0, 4000) }
}
