import { AppError } from '@shared/error'

/** Something that is made at its first use, once; a failed attempt is made anew at the next. */
export class Later<T> {
  #making: Promise<T> | null = null
  #made: T | null = null
  #closed = false

  constructor(private readonly make: () => Promise<T>) {}

  /** Null as long as it is not there. */
  get made(): T | null {
    return this.#made
  }

  /** CANCELLED after `close`. */
  get(): Promise<T> {
    if (this.#closed) return Promise.reject(new AppError('CANCELLED', { side: 'program' }))
    this.#making ??= this.make().then(
      (made) => (this.#made = made),
      (error: unknown) => {
        this.#making = null
        throw error
      },
    )
    return this.#making
  }

  /** Ends it, if it was ever made; it is not made any more. */
  async close(end: (made: T) => Promise<void>): Promise<void> {
    this.#closed = true
    const made = await this.#making?.catch(() => null)
    if (made) await end(made)
  }
}
