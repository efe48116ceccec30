import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { en, languageFor, zhCN } from '@/i18n'

const renderer = resolve(import.meta.dirname, '../../../renderer')

function leaves(tree: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) => {
      const name = path ? `${path}.${key}` : key
      return typeof value === 'object' && value !== null
        ? [...leaves(value, name)]
        : [[name, String(value)] as const]
    }),
  )
}
const english = leaves(en)
const chinese = leaves(zhCN)
const values = (text: string): string[] => [...new Set(text.match(/\{[a-zA-Z]+\}/g) ?? [])].sort()

it('has both languages with the same keys and the same values to fill in', () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  const different = [...english].filter(
    ([key, text]) => values(text).join() !== values(chinese.get(key) ?? '').join(),
  )
  // A plural may leave its number out in one language: "1 tag" has no {n}, and neither has "No tags".
  expect(different.filter(([, text]) => !text.includes('|')).map(([key]) => key)).toEqual([])
})

it('has a text for every key that the source names', () => {
  const missing: string[] = []
  for (const file of readdirSync(renderer, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:vue|ts)$/.test(file)) continue
    const source = readFileSync(join(renderer, file), 'utf8')
    for (const [, key] of source.matchAll(/\bt\(\s*'([a-z]+(?:\.[\w-]+)+)'/gi)) {
      if (key && !english.has(key)) missing.push(`${file}: ${key}`)
    }
  }
  expect(missing).toEqual([])
})

it('follows the system where the settings say so', () => {
  expect(languageFor('system', 'zh-Hans-CN')).toBe('zh-CN')
  expect(languageFor('system', 'de-DE')).toBe('en')
  expect(languageFor('en', 'zh-CN')).toBe('en')
})
