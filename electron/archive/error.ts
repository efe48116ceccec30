import { AppError, type ErrorContext } from '@shared/error'

const archiveError =
  (
    code:
      'ARCHIVE_INVALID' | 'ARCHIVE_UNSUPPORTED' | 'ARCHIVE_UNREADABLE' | 'DIGEST_MISMATCH' | 'STORE_FAILED',
  ) =>
  (detail: string, context: ErrorContext = {}, cause?: unknown): AppError =>
    new AppError(code, { side: 'archive', ...context }, { detail: detail.slice(0, 1000), cause })

/** The archive is damaged, cut short, contradicts itself or tries something that no honest one does. */
export const invalid = archiveError('ARCHIVE_INVALID')
/** Sound perhaps, yet of a kind that is not read here. */
export const unsupported = archiveError('ARCHIVE_UNSUPPORTED')
/** The disk or the system did not give the bytes. */
export const unreadable = archiveError('ARCHIVE_UNREADABLE')
export const mismatch = archiveError('DIGEST_MISMATCH')
export const spoolFailed = archiveError('STORE_FAILED')

/** Quotes a name from an archive for an error's detail: bounded, without control characters. */
export const quote = (name: string): string =>
  JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)

/** Throws CANCELLED once the signal is aborted. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('CANCELLED', { side: 'archive' })
}
