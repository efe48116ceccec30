import type { ProgramOptions } from './program'

// What a browser does on its own would reach out to the network, or keep a test waiting.
export const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
  '--password-store=basic',
]

/** The whole environment of the program: nothing of ours but the search path, and its own folders below `folder`. */
export function environment(folder: string, lang: string, options: ProgramOptions): Record<string, string> {
  const nowhere = `unix:path=${folder}/no-bus`
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: `${folder}/home`,
    LANG: 'C.UTF-8',
    LANGUAGE: lang === 'zh-CN' ? 'zh_CN' : 'en',
    TZ: process.env.TZ ?? 'UTC',
    XDG_CONFIG_HOME: `${folder}/home/.config`,
    XDG_CACHE_HOME: `${folder}/home/.cache`,
    XDG_DATA_HOME: `${folder}/home/.local/share`,
    XDG_RUNTIME_DIR: `${folder}/run`,
    DOCKER_CONFIG: `${folder}/docker`,
    // Without an address a session bus would be launched for us, and stay.
    DBUS_SESSION_BUS_ADDRESS: nowhere,
    DBUS_SYSTEM_BUS_ADDRESS: nowhere,
    ...(options.keyring?.env ?? {}),
    ...(options.engineHost === undefined ? {} : { DOCKER_HOST: options.engineHost }),
  }
}
