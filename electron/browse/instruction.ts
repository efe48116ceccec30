import { boundedText } from './hostile-text'

const limit = 20_000
const noOperation = /^\/bin\/sh -c #\(nop\)\s*/
const shell = /^(?:RUN )?(?:\|\d+(?: .*?)? )?\/bin\/sh -c /s
const buildkitMark = /\s*# buildkit\s*$/

/**
 * The Dockerfile instruction behind a history entry's `created_by`: without `/bin/sh -c #(nop)`, with `RUN` for a
 * shell, without buildkit's mark. Null where the entry says nothing.
 */
export function instructionOf(createdBy: string | null | undefined): string | null {
  const text = createdBy?.trim() ?? ''
  if (text === '') return null
  const bare = text.replace(buildkitMark, '')
  const instruction = noOperation.test(bare)
    ? bare.replace(noOperation, '').replace(/^(COPY|ADD)(.*) in (\/\S*)$/s, '$1$2 $3')
    : bare.replace(shell, 'RUN ')
  return boundedText(instruction.trim(), limit)
}
