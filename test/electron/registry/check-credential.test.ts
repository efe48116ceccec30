import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { silentLog } from '../../../electron/log'
import { checkCredential } from '../../../electron/registry/check-credential'
import { failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { plain } from '../../support/registry/test-server'
import { startTokenService } from '../../support/registry/token-service'

const password = randomBytes(12).toString('base64url')
const right = { username: 'ada', password }
const wrong = { username: 'ada', password: 'wrong' }
const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const check = (registry: InProcessRegistry, credential: typeof right, realms: string[] = []): Promise<void> =>
  checkCredential(registry.endpoint(), credential, realms, { log: silentLog })

it('asks the token service', async () => {
  const registry = await start()
  const service = later(await startTokenService())
  service.passwords.set('ada', password)
  registry.on('*', /./, service.guard)
  await check(registry, right)
  const error = await failure(check(registry, wrong), 'UNAUTHORIZED')
  expect(error.context.host).toBe(registry.host)
})

it('asks a registry with Basic', async () => {
  const registry = await start()
  const header = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
  registry.on('*', /./, (request, response) => {
    if (request.headers.authorization === header) return false
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
  })
  await check(registry, right)
  await failure(check(registry, wrong), 'UNAUTHORIZED')
})

it('tries the account at a registry that lets nobody in as well', async () => {
  const registry = await start()
  const header = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
  registry.on('*', /./, (request, response) => {
    const { authorization } = request.headers
    if (authorization === undefined || authorization === header) return false
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
  })
  await check(registry, right)
  await failure(check(registry, wrong), 'UNAUTHORIZED')
})

it('accepts any account where none is wanted, and says where there is no registry', async () => {
  const registry = await start()
  await check(registry, right)
  registry.on('*', /./, plain(200, { 'content-type': 'text/html' }, '<html>'))
  registry.on('GET', '/v2/', (_request, response) => {
    response.removeHeader('docker-distribution-api-version')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
  })
  await failure(check(registry, right), 'NOT_A_REGISTRY')
})

it('asks for the word of the user before a password goes to another host', async () => {
  const registry = await start()
  const service = later(await startTokenService())
  service.passwords.set('ada', password)
  service.realm = service.realm.replace('127.0.0.1', 'localhost')
  registry.on('*', /./, service.guard)
  const error = await failure(check(registry, right), 'REALM_REFUSED')
  expect(error.context.reference).toBe(service.realm)
  expect(service.requests).toHaveLength(0)
  await check(registry, right, [service.realm])
})
