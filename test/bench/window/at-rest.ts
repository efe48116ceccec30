/** Runs in the page: resolves when it has had nothing to do for half a second, ten long breaks one after the other. */
export async function atRest(): Promise<void> {
  for (let breaks = 0; breaks < 10;) {
    const left = await new Promise<number>((done) =>
      requestIdleCallback((deadline) => done(deadline.timeRemaining())),
    )
    breaks = left > 10 ? breaks + 1 : 0
    if (breaks > 0) await new Promise((done) => setTimeout(done, 50))
  }
}
