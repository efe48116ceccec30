import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The programs that the experiments are made of, with the package of Debian that has each and what it is for. */
const programs = [
  ['docker-registry', 'docker-registry', 'every experiment'],
  ['dockerd', 'docker.io', 'every experiment with an engine'],
  ['iptables', 'iptables', 'every experiment with an engine'],
  ['htpasswd', 'apache2-utils', 'keychain, revoked'],
  ['dbus-daemon', 'dbus-x11', 'keychain'],
  ['gnome-keyring-daemon', 'gnome-keyring', 'keychain'],
] as const

/** Says, for a person, which parts the experiments lack on this machine; those that need them will not be ok. */
export function missingParts(
  path: string = process.env.PATH ?? '',
  isRoot: boolean = process.getuid?.() === 0,
): string[] {
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin']
  const has = (program: string): boolean => folders.some((folder) => existsSync(join(folder, program)))
  const missing = programs.filter(([program]) => !has(program))
  return [
    ...missing.map(
      ([program, name, use]) => `${program} is not installed (Debian: ${name}); needed by: ${use}`,
    ),
    ...(isRoot
      ? []
      : ['this user is not root, who starts engines and mounts disks; needed by: engine, disk-full']),
  ]
}
