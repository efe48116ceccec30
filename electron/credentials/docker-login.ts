import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '@shared/error'
import { canonicalHost, dockerHub } from '@shared/reference'

/** An account as docker's own client keeps it; the user `<token>` means that the password is an identity token. */
export interface DockerLogin {
  username: string
  password: string
}

export interface DockerLoginOptions {
  environment: NodeJS.ProcessEnv
  /** The user's home folder. */
  home: string
  /** Asks a credential helper; the program's own unless a test stands in for it. */
  ask?: AskHelper
}

/** Runs `docker-credential-NAME get` with the server on its standard input; its standard output, or null: it has none. */
export type AskHelper = (name: string, server: string) => Promise<string | null>

/** A helper may open the system's own dialog, which its user answers. */
const patience = 60_000
const largest = 1024 * 1024

const Config = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
})
type Config = z.infer<typeof Config>

const Answer = z.object({ Username: z.string(), Secret: z.string() })

/**
 * The account that docker's client uses for a registry, from its `config.json`: `credHelpers` before `credsStore` before
 * `auths`. Null where there is none. A file or a helper that cannot be read is CREDENTIAL_MISSING, in words that hold no
 * secret. Source: docker/cli, "Credential stores".
 */
export async function findDockerLogin(
  host: string,
  options: DockerLoginOptions,
): Promise<DockerLogin | null> {
  const { environment, home, ask = askHelper } = options
  const config = await readConfig(join(environment['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'))
  if (config === null) return null
  const names = serverNames(host)
  const special = names.flatMap((name) => config.credHelpers?.[name] ?? [])[0]
  const helper = special ?? config.credsStore
  if (helper !== undefined && helper !== '') {
    for (const server of names) {
      const found = await fromHelper(helper, server, ask)
      if (found) return found
    }
    if (special !== undefined) return null
  }
  return fromFile(config, names)
}

/** Under which names docker's client may have kept a registry: as it is written today first. */
function serverNames(host: string): string[] {
  const canonical = canonicalHost(host)
  if (canonical === dockerHub) return ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io']
  return [
    canonical,
    `https://${canonical}`,
    `https://${canonical}/v1/`,
    `https://${canonical}/v2/`,
    `http://${canonical}`,
  ]
}

async function readConfig(file: string): Promise<Config | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unreadable('config.json of docker cannot be read.')
  }
  try {
    return Config.parse(JSON.parse(text))
  } catch {
    // Its own words could quote the file.
    throw unreadable('config.json of docker is not what its client writes.')
  }
}

function fromFile({ auths }: Config, names: readonly string[]): DockerLogin | null {
  const entry = names.flatMap((name) => auths?.[name] ?? [])[0]
  if (!entry) return null
  if (entry.identitytoken) return { username: '<token>', password: entry.identitytoken }
  const text = Buffer.from(entry.auth ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  // Docker pads it with NUL bytes in some versions.
  const [username, password] =
    colon > 0
      ? [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')]
      : [entry.username ?? '', entry.password ?? '']
  return username && password ? { username, password } : null
}

async function fromHelper(name: string, server: string, ask: AskHelper): Promise<DockerLogin | null> {
  // A name is part of a program's name, never a path or an option.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw unreadable('The name of the credential helper is not allowed.')
  const output = await ask(name, server)
  if (output === null) return null
  let answer: z.infer<typeof Answer>
  try {
    answer = Answer.parse(JSON.parse(output))
  } catch {
    throw unreadable(`docker-credential-${name} did not answer as a credential helper does.`)
  }
  const { Username: username, Secret: password } = answer
  return username && password ? { username, password } : null
}

const unreadable = (detail: string): AppError =>
  new AppError('CREDENTIAL_MISSING', { side: 'keychain' }, { detail })

const askHelper: AskHelper = (name, server) =>
  new Promise((done, fail) => {
    const options = { timeout: patience, maxBuffer: largest, windowsHide: true, shell: false }
    const child = execFile(`docker-credential-${name}`, ['get'], options, (error, output) => {
      if (!error) return done(output)
      // By the protocol that is an error, with these words on standard output.
      if (/credentials not found/i.test(output)) return done(null)
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      fail(unreadable(`docker-credential-${name} ${missing ? 'is not installed.' : 'failed.'}`))
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(server)
  })
