import { expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { changeAddress, deployAddress, deployQuestion } from '@/deploy-address'

const page = { render: () => null }
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/deploy', name: 'deploy', component: page }],
})
const asked = (address: ReturnType<typeof deployAddress>) => deployQuestion(router.resolve(address).query)

it('keeps an image of a registry, and one of the engine, through the address', () => {
  const image = { kind: 'registry' as const, registryId: 'r', repository: 'a/b', reference: 'v1' }
  expect(asked(deployAddress(image, 'linux/arm64'))).toEqual({
    kind: 'image',
    source: image,
    platform: 'linux/arm64',
    poolId: null,
  })
  const local = { kind: 'local' as const, reference: 'shop:1' }
  expect(asked(deployAddress(local))).toEqual({ kind: 'image', source: local, platform: null, poolId: null })
})

it('keeps what is changed, and asks for nothing where an address is not whole', () => {
  expect(asked(changeAddress('p', 'd'))).toEqual({ kind: 'change', poolId: 'p', id: 'd' })
  expect(deployQuestion({ from: 'registry', registryId: 'r' })).toEqual({ kind: 'empty', poolId: null })
  expect(deployQuestion({ poolId: 'p' })).toEqual({ kind: 'empty', poolId: 'p' })
})
