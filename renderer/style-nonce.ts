/**
 * Lets Naive UI's styles pass the content security policy. It writes style elements at run time and knows no nonce, so every
 * style element that is made gets the page's own; nothing that a registry says is ever made an element.
 */
export function passStyles(page: Document): void {
  const nonce = page.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content
  if (!nonce || nonce.startsWith('%')) return
  const create = page.createElement.bind(page)
  page.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  }
}
