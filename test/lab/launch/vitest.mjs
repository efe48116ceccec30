import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run, tool } from './child.mjs'
import { root } from './place.mjs'

/** Runs one vitest project and resolves with how many of its tests passed and failed. */
export async function vitest(project) {
  const report = join(root, `out/test/${project}.json`)
  mkdirSync(join(root, 'out/test'), { recursive: true })
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [...tool('vitest'), 'run', '--project', project, '--passWithNoTests', ...reporters]
  const { code } = await run(process.execPath, args)
  const result = read(report)
  // A file that does not even load, or a runner that dies, has no failed test to its name.
  const failed = result.failed === 0 && code !== 0 ? 1 : result.failed
  return { passed: result.passed, failed }
}

function read(report) {
  try {
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed, failed }
  } catch {
    return { passed: 0, failed: 0 }
  }
}
