import { describe, expect, it } from 'vitest'
import { excessOf } from '@shared/json-excess'

const excess = (text: string): string | null => excessOf(new TextEncoder().encode(text))

describe('what is no honest document', () => {
  it.each([
    ['65 levels', '['.repeat(65), 'nested too deeply'],
    ['65 levels of both kinds', '[{"a":'.repeat(33), 'nested too deeply'],
    ['objects without end', `[${'{},'.repeat(200_001)}{}]`, 'too many values'],
    ['values without end', `[${'0,'.repeat(1_000_001)}0]`, 'too many values'],
  ])('%s', (_name, text, words) => expect(excess(text)).toBe(words))

  it.each([
    ['64 levels', '['.repeat(64) + ']'.repeat(64)],
    ['levels that are closed again', '[]'.repeat(1000)],
    ['brackets in a text', `"${'['.repeat(100)}"`],
    ['brackets behind an escaped quote', `"\\"${'['.repeat(100)}"`],
    [
      'a long list of names',
      JSON.stringify(Array.from({ length: 100_000 }, (_none, at) => `team/app-${at}`)),
    ],
  ])('not %s', (_name, text) => expect(excess(text)).toBeNull())
})
