import { describe, expect, it } from 'vitest'
import { checkDraft, refuseDuplicate } from '../../../electron/store/registry-draft'
import { draftOf } from './drafts'

const tenant = (namespace: string): ReturnType<typeof draftOf> =>
  draftOf({ preset: 'yonyou', privateRole: { namespace } })

describe('checkDraft', () => {
  it('writes host and tenant ID as references do', () => {
    expect(checkDraft(draftOf({ host: 'Registry.Example.com:5000' })).host).toBe('registry.example.com:5000')
    expect(checkDraft(draftOf({ host: 'index.docker.io' })).host).toBe('docker.io')
    expect(checkDraft(draftOf({ host: 'registry', protocol: 'http' })).host).toBe('registry:80')
    const uuid = '9B2F0C4E-1D3A-4B5C-8D7E-0123456789AB'
    expect(checkDraft(tenant(uuid)).privateRole).toEqual({ namespace: uuid.toLowerCase() })
  })

  it('takes only tenant IDs as the private namespace of YonYou', () => {
    expect(checkDraft(tenant('727524')).privateRole).toEqual({ namespace: '727524' })
    expect(() => checkDraft(tenant('my-team'))).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        context: { side: 'program', field: 'privateRole.namespace' },
      }),
    )
    expect(checkDraft(draftOf({ privateRole: { namespace: 'my-team' } })).privateRole).toEqual({
      namespace: 'my-team',
    })
  })

  it('wants at least one role', () => {
    const roles = expect.objectContaining({
      code: 'INPUT_INVALID',
      context: { side: 'program', field: 'roles' },
    })
    expect(() => checkDraft(draftOf({ publicRole: null }))).toThrow(roles)
  })

  it('refuses PEM text without a readable certificate', () => {
    const invalid = expect.objectContaining({ code: 'CERTIFICATE_INVALID' })
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
    expect(() => checkDraft(draftOf({ trust: { kind: 'pem', pem: '' } }))).toThrow(invalid)
    expect(() => checkDraft(draftOf({ trust: { kind: 'pem', pem: broken } }))).toThrow(invalid)
  })
})

describe('refuseDuplicate', () => {
  it('allows one host for several tenants, but not the same entry twice', () => {
    const ours = draftOf({ privateRole: { namespace: '1' } })
    expect(() => refuseDuplicate(draftOf({ privateRole: { namespace: '2' } }), [ours])).not.toThrow()
    expect(() => refuseDuplicate({ ...ours, protocol: 'http' }, [ours])).toThrow(
      expect.objectContaining({ code: 'REGISTRY_DUPLICATE' }),
    )
  })
})
