export interface ElectronBinary {
  /** Absolute path. */
  executable: string
  /** To be put before any other argument. */
  args: string[]
  /** To be added to the environment. */
  env: Record<string, string>
  origin: 'project' | 'override' | 'fallback'
}

export function electronBinary(options?: { virtualDisplay?: boolean }): Promise<ElectronBinary>
