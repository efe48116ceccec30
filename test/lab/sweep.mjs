// Takes what an engine left behind off the machine: `node sweep.mjs [--keep] FOLDER [BRIDGE...]`. Kills the processes
// that live on FOLDER and unmounts what is mounted in it; then, unless it is to be kept, deletes the bridges and FOLDER.
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const keep = process.argv[2] === '--keep'
const [folder, ...bridges] = process.argv.slice(keep ? 3 : 2)
if (!folder?.startsWith('/') || folder.split('/').length < 3) throw new Error('a folder, absolute')

const read = (file) => {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
const mountNamespace = (pid) => {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return ''
  }
}

// A shim names the folder on its command line; a container's process does not, but its root is an overlay of it.
function livesOnFolder(pid) {
  if (read(`/proc/${pid}/cmdline`).includes(`${folder}/`)) return true
  const namespace = mountNamespace(pid)
  if (namespace === '' || namespace === mountNamespace('self')) return false
  const [root] = read(`/proc/${pid}/mountinfo`).split('\n')
  return root?.includes(`${folder}/`) ?? false
}

const ancestors = new Set([String(process.pid), String(process.ppid)])
const holders = () =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && !ancestors.has(pid) && livesOnFolder(pid))

for (let round = 0; round < 50; round += 1) {
  const pids = holders()
  if (pids.length === 0) break
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It is gone: that is what we want.
    }
  }
  await pause(20)
}

const mounts = read('/proc/self/mounts')
  .split('\n')
  .map((line) => line.split(' ')[1] ?? '')
  .filter((path) => path.startsWith(`${folder}/`))
for (const path of mounts.reverse()) spawnSync('umount', ['-l', path])

if (keep) process.exit(0)

// The engine's own networks: their bridges are named in its database.
const database = read(join(folder, 'data/network/files/local-kv.db'))
const made = [...database.matchAll(/"BridgeName":"(br-[0-9a-f]{12})"/g)].map(([, name]) => name)
for (const name of new Set([...bridges, ...made])) spawnSync('ip', ['link', 'delete', name])

spawnSync('rm', ['-rf', '--one-file-system', folder])
