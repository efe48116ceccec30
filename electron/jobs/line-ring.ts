/** The last lines that were said, newest last. */
export class LineRing {
  private readonly lines: string[] = []

  constructor(
    private readonly most = 2000,
    private readonly longest = 1000,
  ) {}

  add(text: string): void {
    for (const line of text.split(/\r?\n/)) this.lines.push(line.slice(0, this.longest))
    // In bulk, since each cut at the front moves all the others.
    if (this.lines.length > this.most * 1.1) this.lines.splice(0, this.lines.length - this.most)
  }

  read(): string[] {
    return this.lines.slice(-this.most)
  }
}
