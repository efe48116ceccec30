import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses'

/**
 * What of Electron is switched off, or on, in the binary itself. The cookie encryption is for the day when there is a
 * cookie; the page's own protocol needs no privileges of files.
 */
const wanted = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
}

/**
 * Flips the fuses of an Electron executable (on macOS of its .app, which is signed anew, ad hoc) and resolves with the
 * names of those that it is too old to have.
 */
export async function blowFuses(executable, platform) {
  const wire = await getCurrentFuseWire(executable)
  // Linux has no such check; on Windows the digest is a resource of the executable, which nothing here can write.
  const fuses = { ...wanted, EnableEmbeddedAsarIntegrityValidation: platform === 'darwin' }
  const names = Object.keys(fuses)
  const present = names.filter((name) => wire[FuseV1Options[name]] !== undefined)
  await flipFuses(executable, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: platform === 'darwin',
    ...Object.fromEntries(present.map((name) => [FuseV1Options[name], fuses[name]])),
  })
  return names.filter((name) => !present.includes(name))
}
