/**
 * zod compiles its schemas where it may, and finds out by trying: the page's policy stops that and reports it. Told so before zod is
 * loaded, which is later than the first screen; `z.config` would load it with that.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
