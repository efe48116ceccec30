/** Lines of `NAME=VALUE`, as in an .env file or after `export`, as they are pasted into the table of variables. */

export interface EnvironmentLine {
  name: string
  value: string
}

const line = /^\s*(?:export\s+)?([^=\s#][^=\s]*)\s*=(.*)$/

/** Takes the quotes off a value that is quoted whole; in double quotes `\n` and `\"` stand for what they say. */
function unquoted(text: string): string {
  const value = text.trim()
  const [, quote, inner] = /^(['"])([\s\S]*)\1$/.exec(value) ?? []
  if (quote === undefined || inner === undefined) return value
  if (quote === "'") return inner
  return inner.replace(/\\([n"\\])/g, (_whole, sign: string) => (sign === 'n' ? '\n' : sign))
}

/** The variables of a pasted text; null where a line is none, so that it is pasted as the plain text that it is. */
export function environmentLines(text: string): EnvironmentLine[] | null {
  const found: EnvironmentLine[] = []
  for (const one of text.split(/\r?\n/)) {
    if (/^\s*(#.*)?$/.test(one)) continue
    const [, name, value] = line.exec(one) ?? []
    if (name === undefined || value === undefined) return null
    found.push({ name, value: unquoted(value) })
  }
  return found.length > 0 ? found : null
}

/** Whether a variable's name says that its value is none to be seen. */
export const soundsSecret = (name: string): boolean =>
  /(^|_)(pass(word|wd|phrase)?|pwd|secret|token|api_?key|private_?key|credentials?)(_|$)/i.test(name)
