/** What a container starts with: its entry point and command, behind the command that is to run before them. */
import type { DeploymentSpec } from '@shared/deployment'
import type { ImageFacts } from './image'

/** Absent: the image's own. An entry point that is given takes the image's command away, as with docker itself. */
export interface Start {
  entrypoint?: string[]
  command?: string[]
}

type Own = Pick<ImageFacts, 'entrypoint' | 'command'>

const given = (words: readonly string[] | null | undefined): string[] | null =>
  words && words.length > 0 ? [...words] : null
const same = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

// Braces, not a subshell: what it exports stays. Line breaks: it may end in a comment or a here-document.
const before = '{ '
const after = '\n} && exec "$@"'

/** The words for a container; `image` is needed only where something runs before them. An empty list counts as none. */
export function startOf(
  spec: Pick<DeploymentSpec, 'entrypoint' | 'command' | 'beforeStart'>,
  image: Own,
): Start {
  const entrypoint = given(spec.entrypoint)
  const command = given(spec.command)
  if (!spec.beforeStart) return { ...(entrypoint && { entrypoint }), ...(command && { command }) }
  const words = entrypoint ?? given(image.entrypoint) ?? []
  const rest = command ?? (entrypoint ? null : given(image.command))
  const script = `${before}${spec.beforeStart}${after}`
  return { entrypoint: ['/bin/sh', '-c', script, 'sh', ...words], ...(rest && { command: rest }) }
}

/** The reverse: what of a container's words is the image's own becomes null. */
export function startFrom(
  start: { entrypoint: readonly string[] | null; command: readonly string[] | null },
  image: Own,
): Pick<DeploymentSpec, 'entrypoint' | 'command' | 'beforeStart'> {
  const all = given(start.entrypoint)
  const script = all?.[2] ?? ''
  const isWrapped =
    all?.[0] === '/bin/sh' &&
    all[1] === '-c' &&
    all[3] === 'sh' &&
    script.startsWith(before) &&
    script.endsWith(after)
  const words = isWrapped ? given(all.slice(4)) : all
  const command = given(start.command)
  const beforeStart = isWrapped ? script.slice(before.length, -after.length) : null
  if (words !== null && !same(words, given(image.entrypoint)))
    return { entrypoint: words, command, beforeStart }
  if (same(command, given(image.command))) return { entrypoint: null, command: null, beforeStart }
  // The image's entry point, said again, takes the image's command away.
  return { entrypoint: command === null ? words : null, command, beforeStart }
}
