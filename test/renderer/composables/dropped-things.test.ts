import { describe, expect, it } from 'vitest'
import { pathsIn } from '@/composables/dropped-things'

describe('paths in a text', () => {
  it.each([
    ['/srv/images/app.tar', ['/srv/images/app.tar']],
    ["'/srv/my images/app.tar'\n/srv/b.tar\n", ['/srv/my images/app.tar', '/srv/b.tar']],
    // As Windows copies it.
    ['"C:\\images\\app.tar"', ['C:\\images\\app.tar']],
    ['\\\\server\\share\\app.tar', ['\\\\server\\share\\app.tar']],
    ['file:///srv/my%20images/app.tar', ['/srv/my images/app.tar']],
    ['file:///C:/images/app.tar', ['C:/images/app.tar']],
  ])('%s', (text, expected) => {
    expect(pathsIn(text)).toEqual(expected)
  })

  it.each(['', 'nginx:1.25', 'images/app.tar', '//comment', '/srv/a.tar\nand more', 'file://%'])(
    '%s has none',
    (text) => {
      expect(pathsIn(text)).toEqual([])
    },
  )
})
