import type { Page } from 'playwright-core'
import { still } from './still'

/** Goes to an address of the window and answers what is wider there than the place that it has; nothing is good. */
export async function overflowOf(page: Page, hash: string): Promise<string[]> {
  await page.evaluate((to) => void (location.hash = to), hash)
  await page.waitForFunction((to) => location.hash.startsWith(to), hash)
  // Pages come in pieces; the one that was asked for is there once nothing loads any more and a frame was painted.
  await page.locator('main h1').first().waitFor()
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
  return overflowHere(page)
}

/** As `overflowOf`, of what is on screen now. */
export async function overflowHere(page: Page): Promise<string[]> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  // A drawer that comes in stands beyond the edge meanwhile.
  await still(page)
  return page.evaluate(() => {
    const found: string[] = []
    for (const one of [document.documentElement, document.body, document.querySelector('main')]) {
      if (one && one.scrollWidth > one.clientWidth)
        found.push(`${one.tagName.toLowerCase()} ${one.scrollWidth} > ${one.clientWidth}`)
    }
    const scrolls = (element: Element): boolean => {
      for (let up = element.parentElement; up; up = up.parentElement)
        if (/auto|scroll/.test(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth) return true
      return false
    }
    for (const control of document.querySelectorAll('button, input, a[href], h1, h2')) {
      const { width, left, right } = control.getBoundingClientRect()
      const seen = width > 0 && getComputedStyle(control).visibility === 'visible'
      if (seen && (left < 0 || right > window.innerWidth + 1) && !scrolls(control))
        found.push(
          `${control.tagName.toLowerCase()} “${control.textContent?.trim().slice(0, 40)}” ends at ${right}`,
        )
    }
    return found
  })
}
