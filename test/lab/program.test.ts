import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startProgram } from './program'

const built = existsSync(fileURLToPath(new URL('../../out/app/main/main.cjs', import.meta.url)))

describe.runIf(built)('the built program', () => {
  it('opens a window of the wanted size in an environment of its own, and quits', async () => {
    const program = await startProgram({ size: { width: 1100, height: 700 } })
    expect(await program.app.evaluate(({ app }) => app.getName())).toBe('Slipway')
    expect(await program.app.evaluate(({ app }) => app.getPath('userData'))).toBe(program.userData)
    expect(await program.window.evaluate(() => window.outerWidth)).toBe(1100)
    await program.close()
    expect(existsSync(program.home)).toBe(false)
  })
})
