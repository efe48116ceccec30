import { AppError, type ErrorContext, toAppError } from '@shared/error'
import { isRepository } from '@shared/reference'
import type { Log } from '../log'
import type { RequestOptions } from './endpoint'
import { listPages, type Page } from './pages'
import { ping } from './ping'
import { catalogScope } from './scope'
import type { Answer, Caller } from './session'

const defaultPageSize = 1000
const refusals = new Set([401, 403, 404, 405])

/**
 * Lists the repositories that the registry is willing to name. LISTING_UNSUPPORTED where it answers 401, 403, 404 or 405
 * although it lets us in; where it does not, the reason for that (UNAUTHORIZED, NOT_A_REGISTRY).
 */
export async function* listRepositories(
  caller: Caller,
  log: Log,
  options: RequestOptions & { pageSize?: number } = {},
): AsyncGenerator<Page, void> {
  const context: ErrorContext = { side: 'registry' }
  const listing = {
    path: '/v2/_catalog',
    field: 'repositories' as const,
    isName: isRepository,
    scopes: [catalogScope],
    pageSize: options.pageSize ?? defaultPageSize,
    ...{ context, options },
  }
  let begun = false
  const refuse = (answer: Answer): Promise<AppError> =>
    answer.refusal(begun ? 'REGISTRY_FAILED' : 'LISTING_UNSUPPORTED')
  try {
    const pages = listPages(caller, { ...listing, refuse }, log)
    for await (const page of pages) {
      begun = true
      yield page
    }
  } catch (thrown) {
    const error = toAppError(thrown)
    if (begun || !refusals.has(error.context.status ?? 0)) throw error
    await ping(caller, options)
    throw new AppError('LISTING_UNSUPPORTED', error.context, { detail: error.detail, cause: error })
  }
}
