import fc from 'fast-check'
import { expect, it } from 'vitest'
import { piecesOf, wordsOf } from '@/highlight'

const marked = (text: string, query: string): string[] =>
  piecesOf(text, wordsOf(query))
    .filter((piece) => piece.marked)
    .map((piece) => piece.text)

it('marks every place of every word, in either case', () => {
  expect(marked('Nginx and nginx', 'NGINX')).toEqual(['Nginx', 'nginx'])
  expect(marked('library/nginx:1.27', 'ngi 1.27')).toEqual(['ngi', '1.27'])
})

it('joins words that overlap', () => expect(marked('abcd', 'abc bcd')).toEqual(['abcd']))

it('marks nothing without a word, and in letters that grow in lower case', () => {
  expect(marked('nginx', '  ')).toEqual([])
  expect(marked('İstanbul', 'stan')).toEqual([])
})

it('never loses or adds a letter', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, query) => {
      const pieces = piecesOf(text, wordsOf(query))
      expect(pieces.map((piece) => piece.text).join('')).toBe(text)
    }),
  )
})
