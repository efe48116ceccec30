import { describe, expect, it } from 'vitest'
import { isProgramMissing, toSpawnError, toSshError } from '../../../electron/engine/ssh-error'

const codeOf = (exitCode: number | null, text: string): string =>
  toSshError({ host: 'h', exitCode, text }).code

describe('the end of an ssh process', () => {
  it.each([
    [255, 'No ED25519 host key is known for h and you have requested strict checking.', 'SSH_HOST_UNKNOWN'],
    [255, 'Host key verification failed.\r\n', 'SSH_HOST_UNKNOWN'],
    [
      255,
      '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.',
      'SSH_HOST_CHANGED',
    ],
    [255, 'u@h: Permission denied (publickey,password).', 'SSH_DENIED'],
    [255, 'Received disconnect from 1.2.3.4: Too many authentication failures', 'SSH_DENIED'],
    [255, 'ssh: connect to host h port 22: Connection refused', 'SSH_FAILED'],
    [255, 'ssh: Could not resolve hostname h: Name or service not known', 'SSH_FAILED'],
    [null, '', 'SSH_FAILED'],
    [1, 'dial unix /var/run/docker.sock: connect: no such file or directory', 'ENGINE_STOPPED'],
    [1, 'dial unix /var/run/docker.sock: connect: connection refused', 'ENGINE_STOPPED'],
    [1, 'dial unix /var/run/docker.sock: connect: permission denied', 'ENGINE_DENIED'],
    [127, 'sh: docker: not found', 'SSH_FAILED'],
    [1, 'Permission denied (publickey)', 'SSH_FAILED'],
  ])('%s %s', (exitCode, text, code) => {
    expect(codeOf(exitCode, text)).toBe(code)
  })
  it('tells the far side’s words without what a terminal would obey, and the last of many', () => {
    const { detail } = toSshError({
      host: 'h',
      exitCode: 255,
      text: `${'x'.repeat(9000)}\u001b[2J\u0007the reason`,
    })
    expect(detail).toHaveLength(4000)
    expect(detail).toMatch(/x\[2Jthe reason$/)
  })
  it('may mean that there is no such program there', () => {
    const end = (exitCode: number, text: string) => ({ host: 'h', exitCode, text })
    expect(isProgramMissing(end(127, ''))).toBe(true)
    expect(isProgramMissing(end(1, "'docker' is not recognized as an internal or external command"))).toBe(
      true,
    )
    expect(isProgramMissing(end(1, 'no such file'))).toBe(false)
  })
})

it('an ssh that does not start is missing only where it is not there', () => {
  const missing = Object.assign(new Error('spawn ssh ENOENT'), { code: 'ENOENT' })
  expect(toSpawnError(missing, 'h').code).toBe('SSH_MISSING')
  expect(toSpawnError(new Error('spawn ssh EAGAIN'), 'h').code).toBe('SSH_FAILED')
})
