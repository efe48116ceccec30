import { describe, expect, it } from 'vitest'
import { RegistryDraft } from '@shared/registry'
import { checkForm, draftsOf, newForm, splitAddress } from '@/registry-form'

describe('an address that is typed or pasted', () => {
  it.each([
    ['registry.example.com:5000', 'registry.example.com:5000', null],
    ['https://registry.example.com/v2/', 'registry.example.com', 'https'],
    [' HTTP://127.0.0.1:5000 ', '127.0.0.1:5000', 'http'],
    ['registry.example.com/727524/nginx', 'registry.example.com', null],
    ['', '', null],
  ])('%s', (text, host, protocol) => {
    expect(splitAddress(text)).toEqual({ host, protocol })
  })
})

describe('YonYou', () => {
  const form = { ...newForm('yonyou'), privateNamespace: '727524' }

  it('is one form for two registries: the tenant’s own, and the public one beside it', () => {
    const { main, companion } = draftsOf(form)
    expect(main).toMatchObject({
      host: 'dockerhub.yonyoucloud.com',
      publicRole: null,
      privateRole: { namespace: '727524' },
    })
    expect(companion).toMatchObject({
      host: 'dockerhub.yonyou.com',
      publicRole: { namespace: 'library' },
      privateRole: null,
    })
  })

  it('makes drafts that main accepts', () => {
    const { main, companion } = draftsOf(form)
    expect(RegistryDraft.safeParse(main).success).toBe(true)
    expect(RegistryDraft.safeParse(companion).success).toBe(true)
  })

  it.each([
    ['', 'empty'],
    ['72x', 'tenant'],
    ['team', 'tenant'],
    ['727524', undefined],
    ['0F8FAD5B-D9CB-469F-A165-70867728950E', undefined],
  ])('tenant ID “%s”', (privateNamespace, problem) => {
    expect(checkForm({ ...form, privateNamespace }).privateNamespace).toBe(problem)
  })

  it('writes a UUID in lower case, as references need it', () => {
    const { main } = draftsOf({ ...form, privateNamespace: '0F8FAD5B-D9CB-469F-A165-70867728950E' })
    expect(main.privateRole?.namespace).toBe('0f8fad5b-d9cb-469f-a165-70867728950e')
  })

  it('trusts a certificate for the private registry only', () => {
    const trust = { kind: 'pem', pem: 'one' } as const
    const drafts = draftsOf({ ...form, trust })
    expect(drafts.main.trust).toEqual(trust)
    expect(drafts.companion?.trust).toEqual({ kind: 'system' })
  })
})

describe('another registry', () => {
  const form = { ...newForm('other'), host: 'registry.example.com' }

  it('takes the address for a name where none was given', () => {
    expect(draftsOf(form).main.name).toBe('registry.example.com')
  })

  it('wants an address and at least one role', () => {
    expect(checkForm({ ...form, host: ' ', isPublic: false })).toEqual({ host: 'empty', roles: 'roles' })
    expect(checkForm({ ...form, host: 'no host!' })).toEqual({ host: 'host' })
  })

  it('lists everything without a public namespace, but needs a private one', () => {
    expect(checkForm({ ...form, publicNamespace: '' })).toEqual({})
    expect(checkForm({ ...form, isPrivate: true, privateNamespace: '' })).toEqual({
      privateNamespace: 'empty',
    })
    expect(checkForm({ ...form, isPrivate: true, privateNamespace: 'Team' })).toEqual({
      privateNamespace: 'namespace',
    })
  })

  it('sends no certificate along with http', () => {
    const draft = draftsOf({ ...form, protocol: 'http', trust: { kind: 'pem', pem: 'one' } }).main
    expect(draft.trust).toEqual({ kind: 'system' })
  })
})
