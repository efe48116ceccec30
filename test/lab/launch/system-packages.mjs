import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { Stop, run } from './child.mjs'
import { needs } from './system-needs.mjs'

const searched = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Sees to the system packages of the named groups: what is missing is installed through apt where that is permitted.
 * Resolves with the lines about what is still missing; none means that all is there. A system without apt is taken as
 * it is.
 */
export async function prepareSystemPackages(groups) {
  if (process.platform !== 'linux' || !commandExists('apt-get') || !commandExists('dpkg-query')) return []
  const missing = await findMissing(groups)
  if (missing.length === 0) return []
  const prefix = await privilege()
  if (prefix === null) return describe(missing)
  const names = await installable(missing, prefix)
  if (names.length > 0) await install(names, prefix)
  return describe(await findMissing(groups))
}

async function findMissing(groups) {
  const wanted = groups.flatMap((group) => needs[group])
  const names = wanted.flatMap((need) => need.names)
  const format = '${Package} ${db:Status-Status}\n'
  const { output } = await run('dpkg-query', ['-W', `-f=${format}`, ...names], { quiet: true })
  const present = new Set(output.split('\n').filter((line) => line.endsWith(' installed')))
  return wanted.filter(
    (need) =>
      !need.names.some((name) => present.has(`${name} installed`)) &&
      !(need.commands?.every(commandExists) ?? false),
  )
}

function commandExists(name) {
  return searched.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

// The words to put before a command that needs root; null when there is no right to it without asking for a password.
async function privilege() {
  if (process.getuid?.() === 0) return []
  const { code } = await run('sudo', ['-n', 'true'], { quiet: true })
  return code === 0 ? ['sudo', '-n'] : null
}

async function installable(missing, prefix) {
  let names = await Promise.all(missing.map(candidate))
  if (names.includes(undefined)) {
    console.log('Reading the lists of system packages ...')
    const [command, ...args] = [...prefix, 'apt-get', 'update', '-qq']
    await run(command, args, { quiet: true })
    names = await Promise.all(missing.map(candidate))
  }
  return names.filter((name) => name !== undefined)
}

// apt-cache knows a name that is only provided by others as well, but shows nothing for it.
async function candidate(need) {
  for (const name of need.names) {
    const { output } = await run('apt-cache', ['show', '--no-all-versions', name], { quiet: true })
    if (output.includes(`Package: ${name}\n`)) return name
  }
  return undefined
}

async function install(names, prefix) {
  console.log(`Installing system packages: ${names.join(' ')}`)
  // Nobody asked for a Docker engine or a registry that runs as a service: policy-rc.d keeps them from starting.
  const script = `
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      printf '#!/bin/sh\\nexit 101\\n' >"$policy"
      chmod 755 "$policy"
      trap 'rm -f "$policy"' EXIT INT TERM
    fi
    export DEBIAN_FRONTEND=noninteractive
    install() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; }
    install "$@" || { apt-get update -qq && install "$@"; }`
  const [command, ...args] = [...prefix, 'sh', '-c', script, 'sh', ...names]
  const { code, output } = await run(command, args, { quiet: true })
  if (code !== 0) throw new Stop(`${output.trim()}\nInstalling system packages failed`)
}

function describe(missing) {
  const lines = missing
    .filter((need) => !need.optional)
    .map(async (need) => {
      const name = (await candidate(need)) ?? need.names[0]
      return `missing: ${name} (${need.why})  install it with: apt-get install ${name}`
    })
  return Promise.all(lines)
}
