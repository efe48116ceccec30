import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { runCommand } from './command'
import { freePort } from './ports'
import { startService } from './process'
import { temporaryFolder } from './temporary'

export interface SshServerOptions {
  /** What programs are told there, say DOCKER_HOST. */
  environment: Record<string, string>
  /** The programs that are in the path there, and no others. `docker` when not given. */
  programs?: string[]
}

export interface SshServer {
  /** `ssh://user@127.0.0.1:port` */
  host: string
  /** Files for `ssh -F`, by what they are good for. */
  configs: {
    /** The right key, and a host that is known. */
    right: string
    unknownHost: string
    changedHost: string
    /** A key that the server does not take. */
    wrongKey: string
  }
  log(): string
  /** How many connections are open now. */
  connections(): Promise<number>
  stop(): Promise<void>
}

/** Starts an OpenSSH server on 127.0.0.1 that takes one key and no password, with nothing of this machine's own configuration. */
export async function startSshServer({
  environment,
  programs = ['docker'],
}: SshServerOptions): Promise<SshServer> {
  const folder = temporaryFolder('ssh')
  const port = await freePort()
  const user = userInfo().username
  // Where sshd keeps its unprivileged half; made at boot by the system's own service.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  for (const name of ['host', 'other-host', 'user', 'other-user']) {
    await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', folder.join(name)])
  }
  const bin = folder.join('bin')
  mkdirSync(bin)
  // The shell's own start files may ask for these.
  for (const name of ['bash', 'env', ...programs]) symlinkSync(pathOf(name), join(bin, name))
  const set = Object.entries({ ...environment, PATH: bin }).map(([name, value]) => `"${name}=${value}"`)
  const serverConfig = folder.join('sshd_config')
  writeFileSync(
    serverConfig,
    [
      ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${folder.join('host')}`],
      ...[`AuthorizedKeysFile ${folder.join('user.pub')}`, `PidFile ${folder.join('pid')}`],
      ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', 'StrictModes no'],
      ...['PermitRootLogin prohibit-password', `SetEnv ${set.join(' ')}`, 'LogLevel VERBOSE', ''],
    ].join('\n'),
  )
  const known = (key: string): string => {
    const [type, text] = readFileSync(folder.join(`${key}.pub`), 'utf8').split(' ')
    return `[127.0.0.1]:${port} ${type} ${text}\n`
  }
  const config = (name: string, hostKey: string | null, userKey: string): string => {
    writeFileSync(folder.join(`${name}-hosts`), hostKey === null ? '' : known(hostKey))
    writeFileSync(
      folder.join(`${name}-config`),
      [
        ...['Host *', `UserKnownHostsFile ${folder.join(`${name}-hosts`)}`, 'GlobalKnownHostsFile /dev/null'],
        ...[`IdentityFile ${folder.join(userKey)}`, 'IdentitiesOnly yes', 'IdentityAgent none', ''],
      ].join('\n'),
    )
    return folder.join(`${name}-config`)
  }
  chmodSync(folder.path, 0o700)
  const service = await startService({
    command: pathOf('sshd'),
    args: ['-D', '-e', '-f', serverConfig],
    logFile: folder.join('log'),
  })
  const server: SshServer = {
    host: `ssh://${user}@127.0.0.1:${port}`,
    configs: {
      right: config('right', 'host', 'user'),
      unknownHost: config('unknown', null, 'user'),
      changedHost: config('changed', 'other-host', 'user'),
      wrongKey: config('wrong', 'host', 'other-user'),
    },
    log: () => service.log(),
    async connections() {
      const children = await runCommand('ps', ['-o', 'pid=', '--ppid', String(service.pid)]).catch(() => '')
      return children.split('\n').filter((line) => line.trim() !== '').length
    },
    async stop() {
      await service.stop()
      folder.remove()
    },
  }
  try {
    await service.ready(() => answers(port))
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

function pathOf(program: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`there is no ${program}`)
  return found
}

function answers(port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      done(true)
    })
    socket.on('error', fail)
  })
}
