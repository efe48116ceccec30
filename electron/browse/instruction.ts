import { boundedText } from './hostile-text'

const limit = 20_000
const noOperation = /^\/bin\/sh -c #\(nop\)\s*/
const shell = /^(?:RUN )?(?:\|\d+(?: .*?)? )?\/bin\/sh -c /s
const buildkitMark = '# buildkit'

/**
 * The Dockerfile instruction behind a history entry's `created_by`: without `/bin/sh -c #(nop)`, with `RUN` for a
 * shell, without buildkit's mark. Null where the entry says nothing.
 */
export function instructionOf(createdBy: string | null | undefined): string | null {
  const text = createdBy?.trim() ?? ''
  if (text === '') return null
  // No pattern for the white space before it: one that is tried at each of many thousand spaces takes minutes.
  const bare = text.endsWith(buildkitMark) ? text.slice(0, -buildkitMark.length).trimEnd() : text
  const instruction = noOperation.test(bare)
    ? bare.replace(noOperation, '').replace(/^(COPY|ADD)(.*) in (\/\S*)$/s, '$1$2 $3')
    : bare.replace(shell, 'RUN ')
  return boundedText(instruction.trim(), limit)
}
