import { describe, expect, it } from 'vitest'
import type { LocalImage } from '@shared/engine'
import { filterImages, withSelection } from '@/components/local/local-images'

const image = (id: string, ...references: string[]): LocalImage => ({
  id: `sha256:${id.repeat(64)}`,
  references,
  repositoryDigests: [],
  size: 1000,
  created: 0,
  containers: 0,
})
const nginx = image('a', 'nginx:1.25', 'mirror/web:1')
const redis = image('b', 'redis:7')
const nameless = image('c')

describe('the filter of local images', () => {
  it('finds by any name, by ID, and by several words', () => {
    expect(filterImages([nginx, redis, nameless], 'WEB')).toEqual([nginx])
    expect(filterImages([nginx, redis, nameless], 'ccccc')).toEqual([nameless])
    expect(filterImages([nginx, redis], 'nginx mirror')).toEqual([nginx])
    expect(filterImages([nginx, redis], '  ')).toEqual([nginx, redis])
  })
})

describe('a drag of one row', () => {
  it('takes the other picked rows along when it is one of them', () => {
    const picked = new Set([nameless.id, nginx.id])
    expect(withSelection(nameless, picked, [nginx, redis, nameless])).toEqual([nameless, nginx])
  })

  it('goes alone when it is not picked', () => {
    expect(withSelection(redis, new Set([nginx.id]), [nginx, redis])).toEqual([redis])
  })
})
