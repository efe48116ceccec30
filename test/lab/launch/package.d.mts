export interface PackagedProgram {
  folder: string
  /** On macOS the .app. */
  executable: string
  asar: string
  /** Say `node_modules/libsql`. */
  packages: string[]
  /** Names of fuses that this Electron does not have. */
  missing: string[]
  standIn: boolean
}

export function packageProgram(options?: { folder?: string }): Promise<PackagedProgram>
export function packFiles(folder: string, asar: string): Promise<void>
