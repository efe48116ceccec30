import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SshAgent, sshArguments } from '../../../electron/engine/ssh'
import { parseAddress, type SshAddress } from '../../../electron/engine/target'

const address = (host: string): SshAddress => {
  const parsed = parseAddress(host, false)
  if (parsed.kind !== 'ssh') throw new Error('not ssh')
  return parsed
}

/** A stand-in for the ssh program, in a path of its own: a script of the shell. */
function fakeSsh(script: string): { folder: string; environment: NodeJS.ProcessEnv; calls: () => string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'slw-fake-ssh-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  writeFileSync(join(folder, 'ssh'), `#!/bin/sh\necho "$*" >> ${calls}\n${script}\n`)
  chmodSync(join(folder, 'ssh'), 0o755)
  return {
    folder,
    environment: { PATH: `${folder}:${process.env.PATH}` },
    calls: () => readFileSync(calls, 'utf8').trim().split('\n'),
  }
}

function get(agent: SshAgent, path: string): Promise<string> {
  return new Promise((done, fail) => {
    const call = request({ agent, host: 'docker', path }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => done(text))
    })
    call.on('error', fail)
    call.end()
  })
}

const agentOf = (environment: NodeJS.ProcessEnv): SshAgent => {
  const agent = new SshAgent(address('ssh://dev@far.example'), null, environment)
  onTestFinished(() => agent.destroy())
  return agent
}

/** Answers each request's first line, as an engine that is asked by hand. */
const answering =
  'while read -r line; do case "$line" in HEAD*) printf "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n";; GET*) printf "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello";; esac; done'

describe('ssh', () => {
  it('is never asked to prompt, to forward, or to take a name for an option', () => {
    const args = sshArguments(address('ssh://dev@far.example:2222'), '/x/config', 'docker system dial-stdio')
    expect(args.join(' ')).toContain('-o BatchMode=yes')
    expect(args.join(' ')).toContain('-F /x/config')
    expect(args.join(' ')).not.toMatch(/StrictHostKeyChecking|UserKnownHostsFile/)
    expect(args.slice(-3)).toEqual(['--', 'far.example', 'docker system dial-stdio'])
    expect(args[args.indexOf('-p') + 1]).toBe('2222')
    expect(args[args.indexOf('-l') + 1]).toBe('dev')
  })

  it('carries many requests over one process', async () => {
    const { environment, calls } = fakeSsh(answering)
    const agent = agentOf(environment)
    for (let count = 0; count < 5; count += 1) expect(await get(agent, '/x')).toBe('hello')
    expect(calls()).toHaveLength(1)
  })

  it('begins anew after its process has ended', async () => {
    const { environment, calls } = fakeSsh(
      'read -r line; while read -r rest && [ "$rest" != "$(printf "\\r")" ]; do :; done; printf "HTTP/1.1 200 OK\\r\\n\\r\\n"; read -r line; printf "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"',
    )
    const agent = agentOf(environment)
    expect(await get(agent, '/x')).toBe('ok')
    await expect.poll(async () => get(agent, '/x').catch(() => 'lost')).toBe('ok')
    expect(calls().length).toBeGreaterThan(1)
  })

  it('tries podman where there is no docker, and remembers', async () => {
    const script = `case "$*" in *"docker system dial-stdio") echo "sh: docker: not found" >&2; exit 127;; esac\n${answering}`
    const { environment, calls } = fakeSsh(script)
    const agent = agentOf(environment)
    expect(await get(agent, '/x')).toBe('hello')
    await Promise.all([get(agent, '/a'), get(agent, '/b')])
    expect(calls().filter((call) => call.endsWith('docker system dial-stdio'))).toHaveLength(1)
  })

  it('says what stands in the way, as the error of the request', async () => {
    const denied = fakeSsh('echo "dev@far.example: Permission denied (publickey)." >&2; exit 255')
    await expect(get(agentOf(denied.environment), '/x')).rejects.toMatchObject({
      code: 'SSH_DENIED',
      context: { host: 'far.example' },
    })
    const noisy = fakeSsh('echo "Welcome to far.example"; sleep 5')
    await expect(get(agentOf(noisy.environment), '/x')).rejects.toMatchObject({
      code: 'SSH_FAILED',
      detail: expect.stringContaining('Welcome'),
    })
    await expect(get(agentOf({ PATH: '/nonexistent' }), '/x')).rejects.toMatchObject({ code: 'SSH_MISSING' })
  })

  it('begins no more than four connections at a time', async () => {
    const { environment, calls, folder } = fakeSsh(
      `until [ -e "\${0%/*}/go" ]; do sleep 0.02; done\n${answering}`,
    )
    const agent = agentOf(environment)
    const all = Promise.all(Array.from({ length: 10 }, () => get(agent, '/x')))
    await expect.poll(() => calls().filter(Boolean).length, { timeout: 15_000 }).toBe(4)
    writeFileSync(join(folder, 'go'), '')
    expect(new Set(await all)).toEqual(new Set(['hello']))
  })
})
