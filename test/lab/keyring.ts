import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { runCommand } from './command'
import { startService } from './process'
import { temporaryFolder } from './temporary'

export interface Keyring {
  /** To be added to the environment of whatever is to use it. */
  env: Record<string, string>
  /** Locks it, as a session does that its user leaves. */
  lock(): Promise<void>
  /** Unlocks it, as that user does who comes back. */
  unlock(): Promise<void>
  stop(): Promise<void>
}

/** Starts a session bus of our own with an unlocked, empty keyring on it (GNOME's, spoken to by libsecret). */
export async function startKeyring(): Promise<Keyring> {
  const folder = temporaryFolder('keyring')
  for (const name of ['run', 'data', 'home']) mkdirSync(folder.join(name), { mode: 0o700 })
  const address = `unix:path=${folder.join('bus')}`
  const env = {
    DBUS_SESSION_BUS_ADDRESS: address,
    XDG_RUNTIME_DIR: folder.join('run'),
    GNOME_KEYRING_CONTROL: folder.join('run/keyring'),
  }
  const inside = {
    PATH: process.env.PATH,
    HOME: folder.join('home'),
    XDG_DATA_HOME: folder.join('data'),
    ...env,
  }
  const config = folder.join('bus.conf')
  writeFileSync(config, busConfig(address))
  const bus = await startService({
    command: 'dbus-daemon',
    args: ['--config-file', config, '--nofork', '--nopidfile'],
    logFile: folder.join('bus.log'),
    env: inside,
  })
  const send = (destination: string, path: string, method: string, ...args: string[]): Promise<string> => {
    const target = [`--dest=${destination}`, '--print-reply', path, method]
    return runCommand('dbus-send', [`--bus=${address}`, ...target, ...args], { env: inside })
  }
  const busName = 'org.freedesktop.DBus'
  await bus.ready(() => send(busName, '/', `${busName}.GetId`))
  const password = randomBytes(16).toString('hex')
  const daemon = await startService({
    command: 'gnome-keyring-daemon',
    args: ['--unlock', '--components=secrets', '--foreground'],
    logFile: folder.join('keyring.log'),
    env: inside,
    input: password,
  })
  const secrets = 'org.freedesktop.secrets'
  const login = '/org/freedesktop/secrets/collection/login'
  const property = ['string:org.freedesktop.Secret.Collection', 'string:Locked']
  await daemon.ready(async () => {
    const answer = await send(secrets, login, 'org.freedesktop.DBus.Properties.Get', ...property)
    return answer.includes('boolean false')
  })
  return {
    env,
    async lock() {
      await send(
        secrets,
        '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.Lock',
        `array:objpath:${login}`,
      )
    },
    unlock: () => unlock(folder.join('run/keyring/control'), password),
    async stop() {
      await daemon.stop(2000)
      await bus.stop(2000)
      folder.remove()
    },
  }
}

/** As PAM does it when a user comes back: by the daemon's own socket, where all numbers are 32 bits, the highest first. */
async function unlock(socketPath: string, password: string): Promise<void> {
  const text = Buffer.from(password)
  const request = Buffer.alloc(1 + 12)
  request.writeUInt32BE(12 + text.length, 1)
  request.writeUInt32BE(1, 5)
  request.writeUInt32BE(text.length, 9)
  const socket = connect(socketPath)
  socket.end(Buffer.concat([request, text]))
  const answer = await buffer(socket)
  if (answer.length !== 8 || answer.readUInt32BE(4) !== 0)
    throw new Error(`the keyring does not unlock: ${answer.toString('hex')}`)
}

// The machine's own configuration would start the machine's own keyring, prompts and portals on our bus.
function busConfig(address: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`
}
