/** Text of strangers as it may stand in the window: nothing in it is hidden, and nothing of it turns the text around it. */

/** Control characters but tab and line feed; a carriage return before a line feed is part of that. */
const control = /(?!\r\n)[\x00-\x08\x0b-\x1f\x7f]/g
/** What embeds, overrides or isolates a direction (Unicode UAX #9, 2.1 to 2.5), the line breaks that no shell knows, and C1. */
const turning = /[\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
const any = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const leftToRightMark = '\u200e'

/** A control character has a picture (␀ … ␡), what turns a line's direction becomes U+FFFD; all else stays as it is. */
export function visibleText(text: string): string {
  if (!any.test(text)) return text
  return text
    .replace(control, (sign) =>
      sign === '\x7f' ? '\u2421' : String.fromCharCode(0x2400 + sign.charCodeAt(0)),
    )
    .replace(turning, '\ufffd')
}

/** JSON that says the same, with what turns a direction written as `\u202e`. */
export const escapedJson = (json: string): string =>
  json.replace(turning, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A name to be set into a sentence of ours: letters that run from right to left do not take what follows with them. */
export const closedText = (text: string): string =>
  rightToLeft.test(text) ? `${text}${leftToRightMark}` : text
