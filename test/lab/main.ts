import { importImage } from './machine-image'
import { startLab } from './lab'
import type { Registry } from './registry'

// `npm run lab`: everything at once, until Ctrl+C.

const started = performance.now()
const lab = await startLab({
  ...{ engine: {}, podman: {}, keyring: {} },
  ...{ publicRegistry: {}, basicRegistry: {}, bearerRegistry: {} },
})
await importImage(lab.engine.host, 'demo-app:1.0')
await importImage(lab.podman.host, 'demo-app:1.0')
console.log(description())

let stopping = false
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (stopping) return
    stopping = true
    console.log('\nRemoving the lab ...')
    lab.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
}
// Signals alone do not keep Node running.
setInterval(() => {}, 60_000)

function description(): string {
  const { engine, podman, keyring, publicRegistry, basicRegistry, bearerRegistry } = lab
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const bus = keyring.env.DBUS_SESSION_BUS_ADDRESS
  return `
The lab is up (${seconds} s). It stays until Ctrl+C.

Registries
  ${publicRegistry.url}    anonymous; the public library/
  ${basicRegistry.url}   Basic; the tenant 727524
${accounts(basicRegistry)}
  ${bearerRegistry.url}   Bearer, tokens from ${bearerRegistry.tokens?.realm}; library/ and the tenant 727524
${accounts(bearerRegistry)}
  their CA: ${lab.ca}

Engines
  Docker   DOCKER_HOST=${engine.host}
  Podman   DOCKER_HOST=${podman.host}

Keyring
  DBUS_SESSION_BUS_ADDRESS=${bus}

Open the program on it
  DOCKER_HOST=${engine.host} DBUS_SESSION_BUS_ADDRESS=${bus} npm start -- --user-data-dir="$(mktemp -d)"
`
}

function accounts(registry: Registry): string {
  return Object.values(registry.accounts)
    .map(({ name, password }) => `    ${name.padEnd(10)} ${password}`)
    .join('\n')
}
