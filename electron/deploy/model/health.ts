/** Health checks, as the form has them and as engines do. */
import type Dockerode from 'dockerode'
import type { HealthSpec } from '@shared/deployment'
import { quoteWord } from '../description/shell'
import type { EngineHealth } from './image'

const nano = 1_000_000_000
// Zero would be the image's own start period; a millisecond is the least that engines take.
const least = 1_000_000

type Timed = Extract<HealthSpec, { intervalSeconds: number }>
type Probe = Extract<HealthSpec, { port: number }>

/**
 * A probe as a script for /bin/sh, by whichever of curl, wget, bash and nc the image has: there is no one tool that every image
 * with a shell has. The first line says in plain words what it is; by it the probe is known again. A proxy is not for us.
 */
function scriptOf(probe: Probe): string {
  const seconds = Math.max(1, Math.ceil(probe.timeoutSeconds))
  const has = (tool: string): string => `command -v ${tool} >/dev/null 2>&1`
  const opens = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${probe.port}'`
  if (probe.kind === 'tcp') {
    return [
      `: slipway tcp ${probe.port}`,
      `if ${has('nc')}; then nc -z -w ${seconds} 127.0.0.1 ${probe.port} </dev/null || nc -w ${seconds} 127.0.0.1 ${probe.port} </dev/null`,
      `elif ${has('bash')}; then ${opens}`,
      // curl's own words for "could not connect"; what it makes of the answer does not matter.
      `elif ${has('curl')}; then curl -s -o /dev/null -m ${seconds} telnet://127.0.0.1:${probe.port} </dev/null; case $? in [1-7]) false;; esac`,
      `else busybox nc -w ${seconds} 127.0.0.1 ${probe.port} </dev/null`,
      'fi >/dev/null 2>&1 || exit 1',
    ].join('\n')
  }
  const url = quoteWord(`http://127.0.0.1:${probe.port}${probe.path}`)
  const request = quoteWord(
    `GET ${probe.path.replaceAll('\\', '\\\\')} HTTP/1.0\\r\\nHost: 127.0.0.1:${probe.port}\\r\\n\\r\\n`,
  )
  // No time-out for wget, busybox's may know none: the engine ends the probe after its time. A redirect is followed by wget alone.
  // The status is the second word of the answer; 200 to 399 is well.
  const judge = 'read -r _ status _; case "$status" in 2*|3*) exit 0;; esac; exit 1'
  return [
    `: slipway http ${probe.port} ${quoteWord(probe.path)}`,
    'unset http_proxy HTTP_PROXY all_proxy ALL_PROXY',
    `if ${has('curl')}; then curl -fsS -o /dev/null -m ${seconds} ${url}`,
    `elif ${has('wget')}; then wget -q -O /dev/null ${url}`,
    `elif ${has('bash')}; then bash -c ${quoteWord(`exec 3<>/dev/tcp/127.0.0.1/${probe.port}; printf '%b' "$1" >&3; { ${judge}; } <&3`)} bash ${request}`,
    `elif ${has('nc')}; then printf '%b' ${request} | nc -w ${seconds} 127.0.0.1 ${probe.port} | { ${judge}; }`,
    `else busybox wget -q -O /dev/null ${url}`,
    'fi || exit 1',
  ].join('\n')
}

function timing(health: Timed): Dockerode.HealthConfig {
  return {
    Interval: Math.round(health.intervalSeconds * nano),
    Timeout: Math.round(health.timeoutSeconds * nano),
    StartPeriod: Math.max(least, Math.round(health.startSeconds * nano)),
    Retries: health.retries,
  }
}

/** The command that a probe is for the shell in the container; null where the image decides or nothing is asked. */
export function healthCommand(health: HealthSpec): string | null {
  if (health.kind === 'image' || health.kind === 'none') return null
  return health.kind === 'command' ? health.command : scriptOf(health)
}

/** For engines: undefined where the image decides. Times in nanoseconds. */
export function toEngineHealth(health: HealthSpec): Dockerode.HealthConfig | undefined {
  if (health.kind === 'image') return undefined
  if (health.kind === 'none') return { Test: ['NONE'] }
  return { Test: ['CMD-SHELL', healthCommand(health) ?? ''], ...timing(health) }
}

const first = /^: slipway (?:tcp (\d{1,5})|http (\d{1,5}) (.*))$/

/** A probe that one of our scripts is, when it is one to the letter. */
function probeFrom(script: string, times: Omit<Timed, 'kind' | 'command' | 'port' | 'path'>): Probe | null {
  const found = first.exec(script.split('\n', 1)[0] ?? '')
  if (!found) return null
  const [, tcp, http, quoted = ''] = found
  const path = quoted.startsWith("'") ? quoted.slice(1, -1).replaceAll("'\\''", "'") : quoted
  const probe: Probe = tcp
    ? { kind: 'tcp', port: Number(tcp), ...times }
    : { kind: 'http', port: Number(http), path, ...times }
  return scriptOf(probe) === script ? probe : null
}

const text = (health: EngineHealth | null): string => {
  const { Test, Interval, Timeout, StartPeriod, Retries } = health ?? {}
  return JSON.stringify([Test ?? [], Interval || 0, Timeout || 0, StartPeriod || 0, Retries || 0])
}

/** From an engine's inspect; what is as in the image is the image's. Docker's own values stand for those that are not set. */
export function fromEngineHealth(health: EngineHealth | null, image: EngineHealth | null): HealthSpec {
  const test = health?.Test ?? []
  if (test[0] === 'NONE') return { kind: 'none' }
  if (test.length === 0 || text(health) === text(image)) return { kind: 'image' }
  const seconds = (value: number | null | undefined, standard: number): number =>
    value ? value / nano : standard
  const times = {
    startSeconds: (health?.StartPeriod ?? 0) <= least ? 0 : seconds(health?.StartPeriod, 0),
    intervalSeconds: seconds(health?.Interval, 30),
    timeoutSeconds: seconds(health?.Timeout, 30),
    retries: health?.Retries || 3,
  }
  if (test[0] !== 'CMD-SHELL') {
    return { kind: 'command', command: test.slice(1).map(quoteWord).join(' '), ...times }
  }
  const script = test[1] ?? ''
  return probeFrom(script, times) ?? { kind: 'command', command: script, ...times }
}
