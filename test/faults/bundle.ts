import { join } from 'node:path'
import { build } from 'vite'
import { undoLater } from '../lab/undo'

const root = join(import.meta.dirname, '../..')
let made: Promise<string> | null = null

/** The program without its window as one file, made once: it is started hundreds of times. Answers its path. */
export function bundleOfProgram(): Promise<string> {
  made ??= bundle()
  return made
}

async function bundle(): Promise<string> {
  // Below the project, so that it finds its packages; gone with this process.
  const outDir = join(root, 'out/faults', `program-${process.pid}`)
  undoLater(['rm', '-rf', outDir])
  await build({
    ...{ root, configFile: false, logLevel: 'error' },
    resolve: { alias: { '@shared': join(root, 'shared') } },
    build: {
      ...{ ssr: join(root, 'test/faults/program.ts'), outDir, emptyOutDir: true, target: 'node20' },
      rollupOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  })
  return join(outDir, 'program.mjs')
}
