import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { run, tool } from './child.mjs'
import { root } from './place.mjs'

/** Runs one vitest project and resolves with how many of its tests passed and failed, and what the failed ones say. */
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
  return { passed: result.passed, failed, failures: result.failures.map((one) => `${project}  ${one}`) }
}

function read(report) {
  try {
    const {
      numPassedTests: passed,
      numFailedTests: failed,
      testResults,
    } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed, failed, failures: testResults.flatMap(failuresOf) }
  } catch {
    return { passed: 0, failed: 0, failures: [] }
  }
}

function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const tests = assertionResults.filter((one) => one.status === 'failed')
  if (tests.length === 0) return status === 'failed' ? [`${file}\n${indent(message)}`] : []
  return tests.map((one) => `${file} > ${one.fullName}\n${indent(one.failureMessages.join('\n'))}`)
}

/** The beginning of what a failure says: the whole of it stands further up. */
function indent(text) {
  return stripVTControlCharacters(text)
    .replace('Error: STACK_TRACE_ERROR', 'not within the time that a test has')
    .trim()
    .split('\n')
    .slice(0, 6)
    .map((line) => `    ${line.slice(0, 200)}`)
    .join('\n')
}
