import { AppError, type ErrorContext, toAppError } from '@shared/error'
import type { Log } from '../log'
import { bodyLimits } from './body'
import type { RequestOptions } from './endpoint'
import { parseJson } from './json'
import { nextPage } from './link'
import type { Answer, Caller } from './session'

export interface Page {
  items: string[]
  /** No more is coming, yet the list is not whole: cap reached, loop, bad link. */
  cut: boolean
}

export interface Listing {
  /** Path of the first page. */
  path: string
  /** The field of the answer that holds the names; null, an empty list and nothing at all mean none. */
  field: 'repositories' | 'tags'
  isName: (text: string) => boolean
  scopes: readonly string[]
  pageSize: number
  context: ErrorContext
  options?: RequestOptions
  /** The error for an answer that is no list. */
  refuse: (answer: Answer) => Promise<AppError>
}

/** Where an endless list ends; whole ones of this size are not known. */
const caps = { pages: 1000, items: 500_000 }
/** Sizes to fall back to where `n` is refused; 0: without `n`. */
const smallerPages = [100, 0]

interface RawPage {
  names: string[]
  next: URL | 'none' | 'bad'
}

/**
 * Reads a paged list (distribution-spec 1.1, "Listing Tags"), page by page as they come. Only Link says that there is more.
 * Names are checked by the grammar and come once; a page is `cut` when the list ends before its end.
 */
export async function* listPages(caller: Caller, listing: Listing, log: Log): AsyncGenerator<Page, void> {
  const names = new Set<string>()
  const visited = new Set<string>()
  let page = await firstPage(caller, listing)
  for (let count = 1; ; count += 1) {
    const fresh = new Set(page.names.filter((name) => !names.has(name) && listing.isName(name)))
    // One page alone may be longer than any list.
    const items = [...fresh].slice(0, caps.items - names.size)
    for (const name of items) names.add(name)
    const { next } = page
    if (next === 'none' && items.length === fresh.size) return yield { items, cut: false }
    const reason = next === 'none' ? 'too many names' : whyCut(next, items.length, count, names.size, visited)
    if (reason !== null || next === 'bad' || next === 'none') {
      log.warn('A list was cut', { ...listing.context, reason, pages: count, items: names.size })
      return yield { items, cut: true }
    }
    visited.add(next.href)
    yield { items, cut: false }
    page = await fetchPage(caller, listing, next)
  }
}

function whyCut(
  next: URL | 'bad',
  fresh: number,
  pages: number,
  items: number,
  visited: Set<string>,
): string | null {
  if (next === 'bad') return 'a link to another host'
  if (visited.has(next.href)) return 'a loop'
  if (fresh === 0) return 'a page without news'
  if (pages >= caps.pages) return 'too many pages'
  return items >= caps.items ? 'too many names' : null
}

async function firstPage(caller: Caller, listing: Listing): Promise<RawPage> {
  for (const size of [listing.pageSize, ...smallerPages.filter((size) => size < listing.pageSize)]) {
    try {
      return await fetchPage(caller, listing, size > 0 ? `${listing.path}?n=${size}` : listing.path)
    } catch (thrown) {
      // PAGINATION_NUMBER_INVALID: this many at once are refused.
      if (toAppError(thrown).context.status !== 400 || size === 0) throw thrown
    }
  }
  throw new AppError('INTERNAL', { side: 'program' }, { detail: 'no page size' })
}

function fetchPage(caller: Caller, listing: Listing, url: string | URL): Promise<RawPage> {
  const { scopes, context, options, field } = listing
  return caller.call({ method: 'GET', url, scopes, context, options }, async (answer) => {
    if (answer.status !== 200) throw await listing.refuse(answer)
    const bytes = await answer.bytes(bodyLimits.page)
    const body = parseList(bytes, answer, context)
    const list = body[field]
    const names: unknown[] = Array.isArray(list) ? list : []
    if (list !== undefined && list !== null && !Array.isArray(list)) {
      throw new AppError(
        'RESPONSE_INVALID',
        { side: 'registry', ...context },
        { detail: `${field} is no list` },
      )
    }
    return {
      names: names.filter((name): name is string => typeof name === 'string'),
      next: nextPage(answer.header('link'), answer.response.url),
    }
  })
}

function parseList(bytes: Buffer, answer: Answer, context: ErrorContext): Record<string, unknown> {
  if (answer.response.headers['content-type']?.toLowerCase().startsWith('text/html')) {
    throw new AppError(
      'NOT_A_REGISTRY',
      { side: 'registry', ...context },
      { detail: 'a web page, not a list' },
    )
  }
  const value = parseJson(bytes, context)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new AppError('RESPONSE_INVALID', { side: 'registry', ...context }, { detail: 'not a list' })
}
