/** Takes secrets out of what others say: whoever is sent a secret may say it back, in an error, a log line, an address. */
import { AppError } from '@shared/error'

const mark = '•••'
/** Shorter ones would black out half of a text, and say by what is gone what they are. */
const shortest = 4
/** Tokens end after minutes: what was sent last is what is said back. */
const most = 100
/** Characters that are looked at: more is never shown of a text. */
const longest = 65_536

/**
 * What goes before a secret in a header, also in an address; how a signed token begins, wherever it stands, and how that looks
 * in base64 and in hex.
 */
const known =
  /\b(bearer|basic)(\s+|%20|\+)[\w+/=.~%-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bZXlK[\w+/=-]{60,}|65794a[\da-f]{140,}/gi

/** A text without what looks like an Authorization header or a signed token, for texts about secrets that are not ours. */
export const coverHeaders = (text: string): string =>
  text.replace(known, (_all, scheme?: string, space?: string) =>
    scheme ? `${scheme}${space ?? ' '}${mark}` : mark,
  )

/** Secrets that somebody was sent, and texts of theirs without them. */
export class Veil {
  private readonly secrets = new Set<string>()
  private forms: string[] | null = null

  constructor(secrets: Iterable<string> = []) {
    this.hide(...secrets)
  }

  /** Keeps the newest hundred; what is shorter than four characters is not looked for. */
  hide(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.trim().length < shortest) continue
      if (!this.secrets.delete(secret)) this.forms = null
      this.secrets.add(secret)
    }
    for (const oldest of this.secrets) {
      if (this.secrets.size <= most) break
      this.secrets.delete(oldest)
    }
  }

  /** Whether one of the secrets is in the text, however it is written. */
  holds(text: string): boolean {
    return this.allForms().some((form) => text.includes(form))
  }

  /** The text with a mark for each secret, however it is written. */
  cover(text: string): string {
    const forms = this.allForms()
    let rest = text.slice(0, longest)
    for (const form of forms) if (rest.includes(form)) rest = rest.replaceAll(form, mark)
    // A secret that the end cuts in two is not found any more.
    const cut = text.length > longest ? (forms[0]?.length ?? 0) : 0
    return coverHeaders(cut > 0 ? rest.slice(0, -cut) : rest)
  }

  /**
   * The error with its words covered, and the address of a token service, which is a registry's own word too; the same one where
   * nothing is to be hidden in it. Its cause says the same, and goes.
   */
  coverError(error: AppError): AppError {
    const { code, context, detail } = error
    const words = detail === null ? null : this.cover(detail)
    const realm = context.field === 'realm' && context.reference ? this.cover(context.reference) : undefined
    if (words === detail && (realm === undefined || realm === context.reference)) return error
    return new AppError(
      code,
      { ...context, ...(realm !== undefined && { reference: realm }) },
      { detail: words },
    )
  }

  /** The longest first. */
  private allForms(): readonly string[] {
    this.forms ??= [...new Set([...this.secrets].flatMap(formsOf))].sort((a, b) => b.length - a.length)
    return this.forms
  }
}

/** How programs write a text down: as it is, in JSON, in an address, in a form, in hex, in base64 wherever it stands there. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const percent = percentOf(secret)
  const hex = bytes.toString('hex')
  // A key of many lines is mostly said line by line.
  const lines = secret.split(/\r?\n/).filter((line) => line.trim().length >= 16)
  return [
    ...[secret, json, json.replaceAll('/', '\\/'), ...lines],
    ...[
      percent,
      lowered(percent),
      percent.replaceAll('%20', '+'),
      new URLSearchParams({ a: secret }).toString().slice(2),
    ],
    ...[hex, hex.toUpperCase()],
    ...[bytes, Buffer.from(json)].flatMap((one) => [0, 1, 2].flatMap((before) => base64Within(one, before))),
  ]
}

/** A lone half of a surrogate pair has no percent form. */
function percentOf(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return text
  }
}

const lowered = (percent: string): string => percent.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())

/** What stays of some bytes in base64 when `before` bytes, modulo three, and any bytes after them stand around them. */
function base64Within(bytes: Buffer, before: number): string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  // Characters that also hold bits of a neighbour are left out.
  const core = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  const whole = bytes.toString('base64')
  const found = [core, ...(before === 0 ? [whole] : [])].filter((form) => form.length >= 8)
  return found.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')])
}
