/** Values by key, each made when it is first asked for; of those that may go, the ones asked for last stay. */
export class Recent<T> {
  private readonly values = new Map<string, T>()

  constructor(
    private readonly options: {
      make: (key: string) => T
      /** Whether nothing would be missed of a value but what was learned on the way. */
      mayGo: (value: T, key: string) => boolean
      most?: number
    },
  ) {}

  of(key: string): T {
    const known = this.values.get(key)
    if (known !== undefined) {
      // The last to be asked for are the last in the map.
      this.values.delete(key)
      this.values.set(key, known)
      return known
    }
    const made = this.options.make(key)
    this.values.set(key, made)
    this.letGo(key)
    return made
  }

  find(key: string): T | null {
    return this.values.get(key) ?? null
  }

  keys(): string[] {
    return [...this.values.keys()]
  }

  delete(key: string): void {
    this.values.delete(key)
  }

  private letGo(newest: string): void {
    const { mayGo, most = 200 } = this.options
    for (const [key, value] of this.values) {
      if (this.values.size <= most) return
      if (key !== newest && mayGo(value, key)) this.values.delete(key)
    }
  }
}
