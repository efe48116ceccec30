import { run, tool } from './child.mjs'
import { vitest } from './vitest.mjs'

// What did not change since the last run is not looked at again.
const cached = (name) => ['--cache', '--cache-location', `out/test/${name}`]

const types = (name, project) => ({
  name: `types of ${project}`,
  args: () => [
    ...tool(name, name === 'tsc' ? 'typescript' : name),
    '-p',
    `${project}/tsconfig.json`,
    '--noEmit',
  ],
})

const steps = [
  { name: 'lint', args: () => [...tool('eslint'), '.', ...cached('eslint')] },
  types('vue-tsc', 'renderer'),
  types('tsc', 'electron'),
  types('vue-tsc', 'test'),
  types('tsc', 'shared'),
  {
    name: 'format',
    args: () => [...tool('prettier'), '--check', '.', '--log-level', 'warn', ...cached('prettier')],
  },
]

/** Runs format, lint, types and unit tests, two at a time; resolves with how many tests or steps passed and failed, and which. */
export async function check() {
  const waiting = [...steps]
  const total = { passed: 0, failed: 0, failures: [] }
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const started = performance.now()
      const { code, output } = await run(process.execPath, step.args(), { quiet: true })
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      if (code !== 0) {
        total.failed += 1
        total.failures.push(`${step.name}\n    what it says stands further up`)
        console.log(output.trimEnd())
      }
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${step.name}  ${seconds} s`)
    }
  }
  const unit = async () => {
    const result = await vitest('unit')
    total.passed += result.passed
    total.failed += result.failed
    total.failures.push(...result.failures)
    await worker()
  }
  await Promise.all([worker(), unit()])
  return total
}
