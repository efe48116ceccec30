/** What hostile texts have done to the window: the same questions on every screen. */
import { expect } from 'vitest'
import type { Page } from 'playwright-core'
import type { Journey } from '../journey/journey'
import type { Listener } from '../journey/listener'
import { overflowHere } from '../journey/overflow'

/** What is only there where a text became markup. */
const markup = [
  'img[src="x"]',
  'script:not([src^="/assets/"]):not([src^="./assets/"]):not([src^="slipway:"])',
  'iframe, object, embed, base, math, details[ontoggle], [onerror], [onload], [onfocus], [onmouseover]',
  'form[action], [formaction], meta[http-equiv="refresh" i], link[href^="http"]',
  'a[href^="javascript:" i], a[href^="http"], a[href^="data:" i], [src^="http"]',
].join(', ')

export class Watch {
  readonly #asked: string[] = []

  /** `listener`: nothing may arrive there but what `expected` says. */
  private constructor(
    private readonly journey: Journey,
    private readonly listener: Listener,
    private readonly expected: (path: string) => boolean,
  ) {}

  /** Begins to note what the page asks for, what its policy stops, and what main is made to open. */
  static async begin(
    journey: Journey,
    listener: Listener,
    expected: (path: string) => boolean = () => false,
  ): Promise<Watch> {
    const watch = new Watch(journey, listener, expected)
    const { page } = journey
    page.on('request', (request) => {
      if (!/^(slipway|data|blob):/.test(request.url())) watch.#asked.push(request.url().slice(0, 200))
    })
    page.on('dialog', (dialog) => watch.#asked.push(`a dialog: ${dialog.message().slice(0, 100)}`))
    await page.evaluate(() => {
      const stopped: string[] = []
      Object.assign(globalThis, { stopped })
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        stopped.push(`${violatedDirective} ${blockedURI}`)
      })
    })
    await journey.app.evaluate(({ shell, session, clipboard }) => {
      const notes: string[] = []
      Object.assign(globalThis, { notes })
      shell.openExternal = (url) => Promise.resolve(void notes.push(`opened ${url}`))
      // The program's own listener decides before; this one sees what was sent all the same, and what was refused.
      const note = ({ url }: { url: string }): void => {
        if (!/^(slipway|devtools|data|blob):/.test(url)) notes.push(`asked for ${url.slice(0, 200)}`)
      }
      session.defaultSession.webRequest.onSendHeaders(note)
      session.defaultSession.webRequest.onErrorOccurred(note)
      clipboard.writeText('untouched')
    })
    return watch
  }

  /** Holds one screen against everything; `place` names it where something is wrong. */
  async harmless(place: string): Promise<void> {
    const { page } = this.journey
    const overflow = await overflowHere(page)
    const harm = [...(await harmOn(page)), ...overflow, ...this.#asked]
    const notes = await this.journey.app.evaluate(() => (globalThis as unknown as { notes: string[] }).notes)
    const arrived = this.listener.arrived.filter((path) => !this.expected(path))
    expect([...harm, ...notes, ...arrived], place).toEqual([])
  }

  /** The text in the system's clipboard, which then is emptied. */
  copied(): Promise<string> {
    return this.journey.app.evaluate(({ clipboard }) => {
      const text = clipboard.readText()
      clipboard.writeText('untouched')
      return text
    })
  }
}

function harmOn(page: Page): Promise<string[]> {
  return page.evaluate((markup) => {
    const found: string[] = []
    const page = globalThis as unknown as { hacked?: unknown; stopped?: string[] }
    if ('hacked' in page) found.push('a script ran')
    found.push(...(page.stopped ?? []).map((one) => `stopped by the policy: ${one}`))
    for (const one of document.querySelectorAll(markup)) found.push(`markup: ${one.outerHTML.slice(0, 120)}`)
    for (const one of document.querySelectorAll('style'))
      if (/http:\/\/127|display:none!important/.test(one.textContent ?? ''))
        found.push('a style sheet of a text')
    const boxes =
      '.n-drawer-body-content-wrapper, .n-card, .n-dropdown-menu, .palette, form, main > *, nav, ul, ol'
    for (const one of document.querySelectorAll(boxes))
      if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')
        found.push(
          `wider than its box: ${one.tagName} ${one.className} by ${one.scrollWidth - one.clientWidth}`,
        )
    const body = document.body.getBoundingClientRect()
    if (body.height !== innerHeight || body.width !== innerWidth) found.push('the page has lost its size')
    if (!/Slipway/.test(document.title)) found.push(`the title is ${document.title.slice(0, 50)}`)

    // Nothing is hidden: neither what turns a direction nor a control character is in any text that is read or heard.
    const hidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\r(?!\n)/
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const rightToLeft = /[\u0590-\u08ff]/
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.nodeValue ?? ''
      const parent = node.parentElement
      if (!parent || parent.closest('.xterm, script, style')) continue
      if (hidden.test(text))
        found.push(`hidden characters in <${parent.tagName}>: ${JSON.stringify(text.slice(0, 60))}`)
      // What stands behind a text that runs from right to left still stands behind it.
      if (!rightToLeft.test(text)) continue
      const own = getComputedStyle(parent)
      if (
        own.display.startsWith('inline') &&
        own.unicodeBidi === 'normal' &&
        !parent.closest('bdi, .foreign')
      )
        found.push(`not isolated: <${parent.tagName} class="${parent.className}"> ${text.slice(0, 40)}`)
    }
    for (const one of document.querySelectorAll('[title], [aria-label], [placeholder]'))
      for (const name of ['title', 'aria-label', 'placeholder'])
        if (hidden.test(one.getAttribute(name) ?? ''))
          found.push(`hidden characters in ${name} of <${one.tagName}>`)
    return [...new Set(found)].slice(0, 10)
  }, markup)
}
