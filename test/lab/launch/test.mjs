import { build } from './build.mjs'
import { check } from './check.mjs'
import { vitest } from './vitest.mjs'

/** Runs every check and test there is; resolves with how many passed and failed. `missing` says what the lab lacks. */
export async function test(missing) {
  const total = await check()
  const add = ({ passed, failed, failures = [] }) => {
    total.passed += passed
    total.failed += failed
    total.failures.push(...failures)
  }
  if (missing.length > 0) {
    console.log(missing.join('\n'))
    console.log('Not run, for want of the above: integration and e2e tests')
    return total
  }
  const built = await build().then(
    () => true,
    (error) => {
      console.error(error.message)
      return false
    },
  )
  add(await vitest('integration'))
  // A window cannot be driven that was not built: that is one failure, not a hundred.
  add(built ? await vitest('e2e') : { passed: 0, failed: 1 })
  return total
}
