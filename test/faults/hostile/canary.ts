import { randomBytes } from 'node:crypto'

/** A secret of its own kind that is found again in whatever way a program writes it down. */
export class Canary {
  /** Letters and digits only: percent, JSON and form encoding leave them as they are. */
  private readonly core = randomBytes(18).toString('hex')
  private readonly forms: readonly string[]
  /** Addresses (`127.0.0.1:40123`) that may see it. */
  readonly owners = new Set<string>()

  /** `name` says what it is where it is found. */
  constructor(readonly name: string) {
    const bytes = Buffer.from(this.core)
    // In base64 the neighbours decide how it looks: without the first and last letters it looks one of three ways.
    const shifted = [0, 1, 2].map((shift) => {
      const coded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url')
      return coded.slice(shift === 0 ? 0 : 4, -4)
    })
    this.forms = [this.core, bytes.toString('hex'), ...shifted]
  }

  /** With the signs that encodings change. */
  get value(): string {
    return `p+/=%& ${this.core}`
  }

  /** As a token: visible letters only. */
  get token(): string {
    return `t.${this.core}`
  }

  isIn(text: string): boolean {
    return this.forms.some((form) => text.includes(form))
  }
}
