import { expect, it } from 'vitest'
import { logPieces } from '@/components/deployment/log-pieces'

it('marks what was searched for, across colours too', () => {
  const pieces = logPieces('GET \x1b[32m/heal\x1b[0mthz 200', 'HEALTHZ', 'dark')
  expect(pieces.map(({ text, marked }) => [text, marked])).toEqual([
    ['GET ', false],
    ['/', false],
    ['heal', true],
    ['thz', true],
    [' 200', false],
  ])
  expect(pieces[1]?.style['color']).toBeTruthy()
})

it('leaves markup text', () => {
  expect(logPieces('<img src=x onerror=alert(1)>', '', 'light')).toMatchObject([
    { text: '<img src=x onerror=alert(1)>', marked: false },
  ])
})
