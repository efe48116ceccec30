import { describe, expect, it } from 'vitest'
import {
  addressText,
  deploymentRows,
  filterRows,
  shortImage,
  shownAddresses,
} from '@/components/deployment/deployment-rows'
import { address, poolJob, spec, summary } from '../../support/deployment-samples'

describe('rows', () => {
  it('has one that is still being made, by its job', () => {
    const job = poolJob({ state: 'running' }, { deploymentId: 'new', spec: spec({ name: 'fresh' }) })
    const rows = deploymentRows([summary()], [job])
    expect(rows.map(({ name, summary: known }) => [name, known !== null])).toEqual([
      ['shop', true],
      ['fresh', false],
    ])
  })

  it('shows a change with its deployment, and none that has ended', () => {
    const change = poolJob({}, { deploymentId: 'd1', baseVersion: 2 })
    expect(deploymentRows([summary()], [change])).toMatchObject([{ name: 'shop', job: { id: 'job' } }])
    expect(deploymentRows([], [poolJob({ state: 'failed' })])).toEqual([])
    // It was removed meanwhile: a change brings nothing new into the list.
    expect(deploymentRows([], [change])).toEqual([])
  })
})

it('finds by name, image, pool, port and state, every word', () => {
  const rows = deploymentRows([summary(), summary({ id: 'd2', name: 'api', addresses: [address(9090)] })], [])
  const found = (filter: string) =>
    filterRows(
      rows,
      filter,
      () => 'Berlin',
      () => 'Running',
    ).map(({ name }) => name)
  expect(found('SHOP')).toEqual(['shop'])
  expect(found('9090')).toEqual(['api'])
  expect(found('berlin api')).toEqual(['api'])
  expect(found('nginx running')).toEqual(['shop', 'api'])
  expect(found(' ')).toEqual(['shop', 'api'])
  expect(found('nothing')).toEqual([])
})

it('shows first what a browser opens, and never a debugger', () => {
  const raw = address(5432, { url: null })
  expect(shownAddresses([address(9229, { debug: true }), raw, address(80)]).map(({ port }) => port)).toEqual([
    80, 5432,
  ])
  expect(addressText({ host: '::1', port: 80 })).toBe('[::1]:80')
})

it('calls an image by what tells it apart', () => {
  expect(shortImage('registry.example:5000/727524/shop_jdk17:v1')).toBe('shop_jdk17:v1')
  expect(shortImage('nginx@sha256:abc')).toBe('nginx')
})
