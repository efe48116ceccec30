// @vitest-environment happy-dom
import { randomBytes } from 'node:crypto'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Registry, RegistryDraft } from '@shared/registry'
import { useRegistrySave } from '@/composables/useRegistrySave'
import { newForm } from '@/registry-form'
import { useRegistriesStore } from '@/stores/registries'
import { type AnsweringBridge, answeringBridge, privateRegistry, Refusal } from '../support/answering-bridge'

const password = randomBytes(9).toString('hex')
const account = { username: 'ann', password, keep: 'keychain' } as const
const stored = (draft: RegistryDraft, id: string): Registry => ({
  ...privateRegistry(),
  ...draft,
  publicRole: draft.publicRole ?? null,
  id,
})

let bridge: AnsweringBridge
let refuseSignIn: Refusal | null
let refuseAdd: Refusal | null

beforeEach(() => {
  refuseSignIn = null
  refuseAdd = null
  let count = 0
  bridge = answeringBridge({
    'registry:list': () => ({ registries: [], unforgotten: 0, revision: 0 }),
    'registry:add': (draft) => {
      if (refuseAdd) throw refuseAdd
      return stored(draft as RegistryDraft, `id-${++count}`)
    },
    'registry:change': ({ id, draft }) => stored(draft as RegistryDraft, id),
    'account:sign-in': ({ registryId }) => {
      if (refuseSignIn) throw refuseSignIn
      return { ...privateRegistry(), id: registryId }
    },
  })
  setActivePinia(createPinia())
})
afterEach(() => vi.unstubAllGlobals())

const other = () => ({
  ...newForm('other'),
  host: 'registry.example',
  isPrivate: true,
  privateNamespace: '727524',
})
const wrong = new Refusal({ code: 'UNAUTHORIZED', context: { host: 'registry.example' }, detail: null })

describe('a new registry with an account', () => {
  it('is added first, then signed in to', async () => {
    const saving = useRegistrySave(null)
    expect(await saving.save(other(), account)).toBe(true)
    expect(bridge.asked('registry:add')).toHaveLength(1)
    expect(bridge.asked('account:sign-in')).toEqual([{ registryId: 'id-1', ...account }])
  })

  it('stays listed when the sign-in fails, and the second press adds no other', async () => {
    const saving = useRegistrySave(null)
    refuseSignIn = wrong
    expect(await saving.save(other(), account)).toBe(false)
    expect(saving.error.value).toMatchObject({ code: 'UNAUTHORIZED', context: { account: 'ann' } })
    expect(useRegistriesStore().registries).toHaveLength(1)

    refuseSignIn = null
    expect(await saving.save({ ...other(), name: 'Mine' }, account)).toBe(true)
    expect(saving.error.value).toBeNull()
    expect(bridge.asked('registry:add')).toHaveLength(1)
    expect(bridge.asked('registry:change')).toMatchObject([{ id: 'id-1', draft: { name: 'Mine' } }])
  })

  it('signs in to nothing when it could not be added', async () => {
    refuseAdd = new Refusal({ code: 'REGISTRY_DUPLICATE', context: {}, detail: null })
    const saving = useRegistrySave(null)
    expect(await saving.save(other(), account)).toBe(false)
    expect(saving.error.value?.code).toBe('REGISTRY_DUPLICATE')
    expect(bridge.asked('account:sign-in')).toEqual([])
  })

  it('never puts the password into a draft', async () => {
    const saving = useRegistrySave(null)
    refuseSignIn = wrong
    await saving.save(other(), account)
    expect(JSON.stringify(bridge.asked('registry:add'))).not.toContain(password)
    expect(JSON.stringify([saving.error.value, useRegistriesStore().$state])).not.toContain(password)
  })
})

describe('YonYou’s pair', () => {
  const form = () => ({ ...newForm('yonyou'), privateNamespace: '727524' })

  it('is saved as two registries, and the account belongs to the private one', async () => {
    const saving = useRegistrySave(null)
    expect(await saving.save(form(), account)).toBe(true)
    expect(bridge.asked('registry:add').map((draft) => draft.host)).toEqual([
      'dockerhub.yonyoucloud.com',
      'dockerhub.yonyou.com',
    ])
    expect(bridge.asked('account:sign-in')).toMatchObject([{ registryId: 'id-1' }])
  })

  it('stays two after a refused password and another try', async () => {
    const saving = useRegistrySave(null)
    refuseSignIn = wrong
    await saving.save(form(), account)
    refuseSignIn = null
    await saving.save(form(), account)
    expect(bridge.asked('registry:add')).toHaveLength(2)
    expect(bridge.asked('registry:change')).toEqual([])
    expect(useRegistriesStore().registries).toHaveLength(2)
  })

  it('uses the public registry that is in the list from another tenant', async () => {
    await useRegistrySave(null).save(form(), null)
    await useRegistrySave(null).save({ ...form(), privateNamespace: '1000' }, null)
    const hosts = useRegistriesStore().registries.map(({ host }) => host)
    expect(hosts.filter((host) => host === 'dockerhub.yonyou.com')).toHaveLength(1)
  })
})
