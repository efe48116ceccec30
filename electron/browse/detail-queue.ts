/** The tags whose details are still to be read: those on screen first, then in the order in which they were added. */
export class DetailQueue {
  private readonly waiting = new Set<string>()
  private focused: string[] = []

  add(names: readonly string[]): void {
    for (const name of names) this.waiting.add(name)
  }

  focus(names: readonly string[]): void {
    this.focused = [...names]
  }

  isFocused(name: string): boolean {
    return this.focused.includes(name)
  }

  next(): string | null {
    for (;;) {
      const name = this.focused.find((candidate) => this.waiting.has(candidate)) ?? this.first()
      if (name === null) return null
      if (this.waiting.delete(name)) return name
    }
  }

  private first(): string | null {
    for (const name of this.waiting) return name
    return null
  }
}
