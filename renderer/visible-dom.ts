/**
 * Vue's own renderer, save that every text and every tooltip that it writes is visible text: names, labels and errors of
 * strangers come to every screen, and none of the screens needs to think of it.
 */
import { visibleText } from '@shared/visible-text'
import { createRenderer, nodeOps, patchProp, type App, type Component } from 'vue'

/** Attributes that are read or heard. What a field holds stays as it is: it is typed text, and sent as such. */
const spoken: ReadonlySet<string> = new Set(['title', 'aria-label', 'placeholder', 'alt'])

const renderer = createRenderer<Node, Element>({
  ...nodeOps,
  createText: (text) => nodeOps.createText(visibleText(text)),
  setText: (node, text) => nodeOps.setText(node, visibleText(text)),
  setElementText: (element, text) => nodeOps.setElementText(element, visibleText(text)),
  patchProp(element, key, before, after: unknown, ...rest) {
    const shown = typeof after === 'string' && spoken.has(key) ? visibleText(after) : after
    patchProp(element, key, before, shown, ...rest)
  },
})

/** As Vue's createApp; to be mounted at an element that is empty. */
export const createVisibleApp = (root: Component): App<Element> => renderer.createApp(root)
