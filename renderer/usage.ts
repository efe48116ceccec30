/** Commands and files that use an image, written from its config. All of it is text to copy; nothing is run. */
import type { ImageConfig } from '@shared/browse'
import { shellWords } from './shell-words'

/** `8080/tcp` as the number alone, with the protocol where it is not TCP; null where the image names nonsense. */
function port(text: string): { number: string; protocol: string } | null {
  const match = /^([0-9]{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text)
  const number = Number(match?.[1])
  if (!match || number < 1 || number > 65_535) return null
  return { number: String(number), protocol: match[2] && match[2] !== 'tcp' ? `/${match[2]}` : '' }
}

const published = (config: ImageConfig): string[] =>
  config.ports.flatMap((text) => {
    const one = port(text)
    return one ? [`${one.number}:${one.number}${one.protocol}`] : []
  })

/** The last part of a repository as a name for a container, a service or a volume. */
function shortName(repository: string): string {
  return (repository.split('/').at(-1) ?? repository).replace(/[^a-z0-9-]+/g, '-') || 'app'
}

/** Absolute, whole, and without what hides or breaks a line (or stands for it), or ends the path for `-v`. */
const isPath = (text: string): boolean =>
  text.length < 1000 && /^\/[^\p{C}\p{Zl}\p{Zp}\u2400-\u2421\ufffd:]*$/u.test(text)

const volumes = (config: ImageConfig, name: string): string[] =>
  config.volumes.filter(isPath).map((path, index) => `${name}-data${index === 0 ? '' : index + 1}:${path}`)

/** `docker run` with the ports and volumes that the image names; always exactly one line. */
export function runCommand(reference: string, repository: string, config: ImageConfig): string {
  const name = shortName(repository)
  const options = [
    ...published(config).flatMap((one) => ['-p', one]),
    ...volumes(config, name).flatMap((one) => ['-v', one]),
  ]
  return shellWords(['docker', 'run', '-d', '--name', name, ...options, reference])
}

/** A Compose file with one service. JSON strings are valid YAML, so hostile paths stay one string; `$$` is a plain `$`. */
export function composeFile(reference: string, repository: string, config: ImageConfig): string {
  const name = shortName(repository)
  const list = (key: string, items: string[]): string[] =>
    items.length > 0
      ? [`    ${key}:`, ...items.map((item) => `      - ${JSON.stringify(item.replaceAll('$', '$$$$'))}`)]
      : []
  const mounted = volumes(config, name)
  return [
    'services:',
    `  ${name}:`,
    `    image: ${reference}`,
    '    restart: unless-stopped',
    ...list('ports', published(config)),
    ...list('volumes', mounted),
    ...(mounted.length > 0
      ? ['volumes:', ...mounted.map((_one, index) => `  ${name}-data${index === 0 ? '' : index + 1}:`)]
      : []),
  ].join('\n')
}
