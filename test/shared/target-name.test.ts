import { describe, expect, it } from 'vitest'
import { checkTarget, formatTarget, isTenantId, proposeTarget, type TargetName } from '@shared/target-name'

const target = (change: Partial<TargetName> = {}): TargetName => ({
  host: 'dockerhub.yonyoucloud.com',
  tenant: '727524',
  imageName: 'nginx',
  ownbase: false,
  tag: 'v1',
  ...change,
})

describe('the naming rule', () => {
  it('writes host/tenantID/imagename:tag', () => {
    expect(formatTarget(target())).toBe('dockerhub.yonyoucloud.com/727524/nginx:v1')
  })
  it('puts _ownbase after the image name of a custom base image', () => {
    expect(formatTarget(target({ imageName: 'jdk8', ownbase: true }))).toBe(
      'dockerhub.yonyoucloud.com/727524/jdk8_ownbase:v1',
    )
  })
  it('finds nothing wrong with good names', () => {
    expect(checkTarget(target())).toEqual([])
    expect(checkTarget(target({ imageName: 'team/app', ownbase: true, tag: 'V1_x' }))).toEqual([])
  })
  it.each([
    [{ imageName: '' }, 'imageName', 'empty'],
    [{ imageName: 'Nginx' }, 'imageName', 'uppercase'],
    [{ imageName: 'a b' }, 'imageName', 'characters'],
    [{ imageName: '镜像' }, 'imageName', 'characters'],
    [{ imageName: 'x_ownbase', ownbase: true }, 'imageName', 'suffix-in-name'],
    [{ imageName: 'x'.repeat(250) }, 'imageName', 'too-long'],
    [{ tag: '' }, 'tag', 'empty'],
    [{ tag: '-v' }, 'tag', 'start'],
    [{ tag: 'a/b' }, 'tag', 'characters'],
    [{ tag: 'x'.repeat(129) }, 'tag', 'too-long'],
    [{ tenant: '' }, 'tenant', 'empty'],
    [{ tenant: 'A!' }, 'tenant', 'characters'],
  ] as const)('refuses %j', (change, field, problem) => {
    expect(checkTarget(target(change))).toEqual([{ field, problem }])
  })
})

describe('what is proposed', () => {
  it('takes the last path component and the tag', () => {
    expect(proposeTarget('dockerhub.yonyou.com/library/nginx:1.25', 'h', '727524')).toEqual(
      target({ host: 'h', tag: '1.25' }),
    )
  })
  it('turns the suffix into the switch', () => {
    expect(proposeTarget('jdk8_ownbase:v3', 'h', '1')).toMatchObject({ imageName: 'jdk8', ownbase: true })
  })
  it('leaves the name open for an image without one', () => {
    expect(proposeTarget(null, 'h', '1')).toMatchObject({ imageName: '', tag: 'latest' })
  })
})

it('knows tenant IDs: numbers and UUIDs', () => {
  expect(isTenantId('727524')).toBe(true)
  expect(isTenantId('3F2504E0-4F89-11D3-9A0C-0305E82C3301')).toBe(true)
  expect(isTenantId('acme')).toBe(false)
  expect(isTenantId('')).toBe(false)
})
