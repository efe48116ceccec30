/** Events of a stream may come before main has answered under which id: they are kept until then. */
export class StreamEvents<E> {
  private id: string | null = null
  private early: { id: string; event: E }[] = []

  constructor(private readonly listener: (event: E) => void) {}

  take(id: string, event: E): void {
    if (this.id === id) this.listener(event)
    else if (this.id === null) this.early.push({ id, event })
  }

  /** From now on the events of this stream go through, those that were early first. */
  begin(id: string): void {
    this.id = id
    const early = this.early
    this.early = []
    for (const one of early) if (one.id === id) this.listener(one.event)
  }
}
