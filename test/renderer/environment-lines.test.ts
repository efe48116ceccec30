import { expect, it } from 'vitest'
import { environmentLines, soundsSecret } from '@/environment-lines'

it('reads lines as an .env file has them', () => {
  const text = [
    '# the database',
    'DB_HOST=db.internal',
    '',
    'export MODE = production ',
    'URL=postgres://db/app?sslmode=off',
    'WORDS="two words\\nand \\"more\\""',
    "RAW='as $it is\\n'",
    'EMPTY=',
  ].join('\r\n')
  expect(environmentLines(text)).toEqual([
    { name: 'DB_HOST', value: 'db.internal' },
    { name: 'MODE', value: 'production' },
    { name: 'URL', value: 'postgres://db/app?sslmode=off' },
    { name: 'WORDS', value: 'two words\nand "more"' },
    { name: 'RAW', value: 'as $it is\\n' },
    { name: 'EMPTY', value: '' },
  ])
})

it.each(['just words', 'A=1\njust words', '', '# only a note', '=value'])('leaves %j alone', (text) => {
  expect(environmentLines(text)).toBeNull()
})

it('knows names that say that their value is not to be seen', () => {
  expect(
    ['DB_PASSWORD', 'API_KEY', 'GITHUB_TOKEN', 'secret', 'AWS_SECRET_ACCESS_KEY'].every(soundsSecret),
  ).toBe(true)
  expect(['DB_HOST', 'KEYBOARD', 'TOKENIZER', 'PASSWORDLESS'].some(soundsSecret)).toBe(false)
})
