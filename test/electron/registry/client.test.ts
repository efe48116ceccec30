import { describe, expect, it } from 'vitest'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { waitFor } from '../../support/wait'

async function gated(): Promise<{ registry: InProcessRegistry; open: () => void }> {
  const registry = later(await InProcessRegistry.start())
  registry.seed('a', 'v1')
  let open = (): void => {}
  const gate = new Promise<void>((done) => (open = done))
  registry.on('HEAD', /./, async () => {
    await gate
    return false as const
  })
  later({ stop: () => open() })
  return { registry, open }
}

describe('a client', () => {
  it('sends 16 requests at once and no more, the most urgent of the others next', async () => {
    const { registry, open } = await gated()
    const client = clientOf(registry.endpoint())
    for (let i = 0; i < 20; i += 1) registry.seed('a', `t${i}`)
    const all = Array.from({ length: 20 }, (_, i) => client.headManifest('a', `t${i}`))
    const urgent = client.headManifest('a', 'v1', { priority: 1 })
    await waitFor(() => expect(registry.requests).toHaveLength(16))
    open()
    await Promise.all([...all, urgent])
    expect(registry.requests).toHaveLength(21)
    expect(registry.requests[16]?.path).toBe('/v2/a/manifests/v1')
  })

  it('cancels what runs and what waits by its signal, and goes on with the rest', async () => {
    const { registry, open } = await gated()
    const client = clientOf(registry.endpoint())
    const leaving = new AbortController()
    const left = Array.from({ length: 40 }, () => client.headManifest('a', 'v1', { signal: leaving.signal }))
    const outcomes = Promise.all(left.map((each) => failure(each, 'CANCELLED')))
    const stays = client.headManifest('a', 'v1')
    await waitFor(() => expect(registry.requests).toHaveLength(16))
    leaving.abort()
    expect(await outcomes).toHaveLength(40)
    open()
    expect((await stays).digest).toMatch(/^sha256:/)
  })

  it('rejects everything with CANCELLED when it is closed', async () => {
    const { registry } = await gated()
    const client = clientOf(registry.endpoint())
    const left = Array.from({ length: 20 }, () => client.headManifest('a', 'v1'))
    const outcomes = Promise.all(left.map((each) => failure(each, 'CANCELLED')))
    await waitFor(() => expect(registry.requests).toHaveLength(16))
    client.close()
    await outcomes
    await failure(client.headManifest('a', 'v1'), 'CANCELLED')
  })

  it('does not ask when its signal is aborted already', async () => {
    const { registry } = await gated()
    await failure(clientOf(registry.endpoint()).ping({ signal: AbortSignal.abort() }), 'CANCELLED')
    expect(registry.requests).toHaveLength(0)
  })
})
