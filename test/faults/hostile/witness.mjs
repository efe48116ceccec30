/**
 * Loaded before the program (`--import`): notes every socket that is opened, every name that is looked up, every byte that is
 * written before TLS hides it, every file that is opened and every process that is started, a JSON line each. It sits at
 * Node's own bindings, below whatever way the program takes; SQLite and the keychain are native and not seen.
 */
import { openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'

const file = process.env.FAULTS_LEDGER
if (file) keep(openSync(file, 'a'))

function keep(ledger) {
  const note = (entry) => writeSync(ledger, `${JSON.stringify(entry)}\n`)
  const wrap = (owner, name, look) => {
    const original = owner?.[name]
    if (typeof original !== 'function') return
    owner[name] = function (...given) {
      look(this, given)
      return Reflect.apply(original, this, given)
    }
  }
  const text = (path) => (typeof path === 'string' ? path : Buffer.from(path ?? '').toString())

  // Deprecated since long for programs, and the one place that all ways to the system lead through.
  const binding = (name) => process.binding(name)
  const { TCP } = binding('tcp_wrap')
  for (const name of ['connect', 'connect6'])
    wrap(TCP.prototype, name, (_self, [, address, port]) =>
      note({ kind: 'connect', to: `${address}:${port}` }),
    )
  wrap(binding('pipe_wrap').Pipe.prototype, 'connect', (_self, [, path]) =>
    note({ kind: 'connect', to: `unix:${path}` }),
  )
  const { UDP } = binding('udp_wrap')
  for (const name of ['connect', 'connect6'])
    wrap(UDP.prototype, name, (_self, [address, port]) =>
      note({ kind: 'connect', to: `udp:${address}:${port}` }),
    )
  for (const name of ['send', 'send6'])
    wrap(UDP.prototype, name, (_self, given) => note({ kind: 'connect', to: `udp:${given[4]}:${given[3]}` }))
  wrap(binding('cares_wrap'), 'getaddrinfo', (_self, [, host]) => note({ kind: 'name', host }))
  wrap(binding('process_wrap').Process.prototype, 'spawn', (_self, [{ file, args }]) =>
    note({ kind: 'spawn', file, args: args ?? [] }),
  )
  wrap(binding('spawn_sync'), 'spawn', (_self, [{ file, args }]) =>
    note({ kind: 'spawn', file, args: args ?? [] }),
  )

  const files = binding('fs')
  const flagsOf = (flags) => (typeof flags === 'number' ? flags : 0)
  for (const name of ['open', 'openFileHandle', 'readFileUtf8'])
    wrap(files, name, (_self, [path, flags]) => {
      if (typeof path !== 'number')
        note({ kind: 'open', path: text(path), writes: (flagsOf(flags) & 3) !== 0 })
    })
  for (const name of ['writeFileUtf8', 'mkdir', 'mkdtemp', 'unlink', 'rmdir', 'rmSync'])
    wrap(files, name, (_self, [path]) => {
      if (typeof path !== 'number') note({ kind: 'open', path: text(path), writes: true })
    })
  for (const name of ['rename', 'link', 'symlink', 'copyFile'])
    wrap(files, name, (_self, [, path]) => note({ kind: 'open', path: text(path), writes: true }))

  const bytesOf = (data, encoding) => (Buffer.isBuffer(data) ? data : Buffer.from(data, encoding))
  wrap(Socket.prototype, '_writeGeneric', (self, [many, data, encoding]) => {
    // Comes again once it is connected.
    if (self.connecting) return
    const parts = many
      ? data.map(({ chunk, encoding: own }) => bytesOf(chunk, own))
      : [bytesOf(data, encoding)]
    const to = self.remotePort === undefined ? 'unix:' : `${self.remoteAddress}:${self.remotePort}`
    note({ kind: 'write', to, bytes: Buffer.concat(parts).subarray(0, 1_000_000).toString('base64') })
  })
  note({ kind: 'start', pid: process.pid })
}
