import { run, tool } from './child.mjs'
import { electronBinary } from './electron.mjs'
import { hasScreen, startVirtualDisplay } from './virtual-display.mjs'

/** Opens the built program and resolves with its exit code; without a screen it opens on a virtual display. */
export function start(args) {
  return onDisplay(({ executable, args: first }, env) => run(executable, [...first, ...args], { env }))
}

/** Opens the program from its sources, rebuilt as they change, and resolves with its exit code. */
export function develop(args) {
  return onDisplay((electron, env) => {
    // electron-vite puts the project's folder on the command line by itself.
    const options = electron.args.filter((argument) => argument.startsWith('--'))
    const command = [...tool('electron-vite'), 'dev', ...args, '--', ...options]
    return run(process.execPath, command, { env: { ...env, ELECTRON_EXEC_PATH: electron.executable } })
  })
}

async function onDisplay(open) {
  const virtual = hasScreen() ? null : await startVirtualDisplay()
  if (virtual !== null) {
    console.log(`There is no display here: the window opens on a virtual one, DISPLAY=${virtual.name}`)
  }
  const electron = await electronBinary({ virtualDisplay: virtual !== null })
  const env = { ...process.env, ...electron.env }
  if (virtual !== null) env.DISPLAY = virtual.name
  delete env.ELECTRON_RUN_AS_NODE
  const { code } = await open(electron, env)
  virtual?.stop()
  return code
}
