import fc from 'fast-check'
import { expect, it } from 'vitest'
import { commandWords } from '@/command-words'
import { shellWords } from '@/shell-words'

it.each([
  ['', null],
  ['   ', null],
  ['nginx -g "daemon off;"', ['nginx', '-g', 'daemon off;']],
  [`sh -c 'echo "hi there"'`, ['sh', '-c', 'echo "hi there"']],
  [String.raw`a\ b "c\"d" "e\f"`, ['a b', 'c"d', String.raw`e\f`]],
  [`''`, ['']],
  ['a "not closed', ['a', 'not closed']],
  ['a\n  b', ['a', 'b']],
])('takes %j apart', (text, words) => {
  expect(commandWords(text)).toEqual(words)
})

it('takes apart what was written for a shell', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 8 }), (words) => {
      expect(commandWords(shellWords(words))).toEqual(words)
    }),
  )
})
