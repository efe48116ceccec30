import type { Page } from 'playwright-core'

/** Runs a function in the page, as `page.evaluate` does. */
export async function inPage<A, T>(page: Page, work: (given: A) => Promise<T>, given: A): Promise<T> {
  // The compiler that runs us wraps every named function in a call of this name.
  await page.evaluate('globalThis.__name ??= (named) => named')
  return page.evaluate(`(${String(work)})(${JSON.stringify(given)})`)
}
