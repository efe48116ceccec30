/**
 * Loaded before the program (`--import`): its time-outs come ten times as soon, so that slow registries are met in seconds. The
 * time for a connection stays as it is: a busy machine needs it.
 */
const connection = 15_000
for (const name of ['setTimeout', 'setInterval']) {
  const original = globalThis[name]
  const hurried = (run, delay, ...given) =>
    original(run, delay >= 1000 && delay !== connection ? delay / 10 : delay, ...given)
  globalThis[name] = Object.defineProperties(hurried, Object.getOwnPropertyDescriptors(original))
}
