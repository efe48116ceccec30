import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteWord, shownWord, splitWords } from '../../../../electron/deploy/description/shell'

const words = fc.array(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')))

describe('words for a shell', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(words, (list) => {
        expect(splitWords(list.map(quoteWord).join(' '))).toEqual(list)
      }),
    )
  })

  it('are what a real shell makes of them', () => {
    const list = ['plain', '', 'two words', "it's", '$HOME `id` $(id) \\ "x"', 'line\nbreak', '*', '~', '#no']
    const script = `printf '%s\\0' ${list.map(quoteWord).join(' ')}`
    expect(execFileSync('/bin/sh', ['-c', script]).toString().split('\0').slice(0, -1)).toEqual(list)
  })

  it('show what is hidden in them, and are the same to a real shell', () => {
    const signs = [...'a\\%\'"$`\n\t \r\x1b\x07\x7f\u009b\u202e\u2069é']
    const list = fc.sample(fc.string({ unit: fc.constantFrom(...signs) }), { numRuns: 300, seed: 5 })
    const shown = list.map(shownWord).join(' ')
    expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
    const said = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shown}`]).toString()
    expect(said.split('\0').slice(0, -1)).toEqual(list)
  })

  it.each([
    [`serve --name 'a b' "c \\"d\\" $E" f\\ g`, ['serve', '--name', 'a b', 'c "d" $E', 'f g']],
    ['  ', []],
    [`'' ""`, ['', '']],
    [`a'b'"c"`, ['abc']],
    [`"keeps \\n"`, ['keeps \\n']],
    [`open 'quote`, null],
    [`open "quote`, null],
    ['end\\', null],
  ])('split %j', (text, expected) => {
    expect(splitWords(text)).toEqual(expected)
  })
})
