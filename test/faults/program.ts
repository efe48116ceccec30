/**
 * The program without its window, as a process of its own that can be killed: its services and its calls, on a data folder.
 * Asked over Node's own channel: `{ id, name, input }`, answered by `{ id, result }`; events go out as `{ event, payload }`.
 */
import { join } from 'node:path'
import { createLog } from '../../electron/log'
import { logFile } from '../../electron/log-file'
import { AppError } from '@shared/error'
import type { Order } from './program-process'

const order = JSON.parse(process.env.FAULTS_ORDER ?? '{}') as Order

/** Another time of day, for whatever asks the clock; timers go on as they do. */
if (order.clock !== 0) {
  const Real = Date
  const shifted = class extends Real {
    constructor(value?: number | string) {
      super(value ?? Real.now() + order.clock)
    }
    static override now(): number {
      return Real.now() + order.clock
    }
  }
  globalThis.Date = shifted as DateConstructor
}

async function main(): Promise<void> {
  // Loaded once the clock is set.
  const [{ createServices }, { SettingsStore }, { allHandlers }, { answer }, keychains] = await Promise.all([
    import('../../electron/services'),
    import('../../electron/store/settings'),
    import('../../electron/all-handlers'),
    import('../../electron/ipc'),
    import('./keychains'),
  ])
  const { folder } = order
  const log = createLog(logFile(join(folder, 'logs'), () => {}))
  process.on('uncaughtException', (error) => {
    log.error('uncaught', { error, stack: error.stack ?? '' })
    send({ uncaught: String(error.stack) })
  })
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled rejection', { reason })
    send({ uncaught: String(reason instanceof Error ? reason.stack : reason) })
  })
  const services = createServices({
    ...{ folder, home: folder, environment: { DOCKER_HOST: order.engineHost }, platform: process.platform },
    keychain: keychains.keychainOf(order),
    settings: new SettingsStore(folder, log),
    writeClipboard: () => {},
    emit: (event, payload) => {
      if (event.startsWith('job:') || event === 'log:lines') send({ event, payload })
    },
    log,
  })
  const refuse = (): never => {
    throw new AppError('INPUT_INVALID')
  }
  const handlers = allHandlers({
    services,
    emit: () => {},
    applySettings: () => {},
    choosePem: () => Promise.resolve(null),
    chooseArchives: () => Promise.resolve([]),
    dialogs: {
      choosePath: () => Promise.resolve(null),
      chooseSave: () => Promise.resolve(null),
      openText: () => Promise.resolve(null),
    },
    app: { info: refuse, openExternal: refuse, writeClipboard: refuse },
  })
  process.on('message', (message: { id: number; name: string; input: unknown }) => {
    if (message.name === 'stop') void services.stop().finally(() => process.exit(0))
    else
      void answer(message.name, message.input, { handlers, strict: true, log }).then((result) =>
        send({ id: message.id, result }),
      )
  })
  process.on('disconnect', () => process.exit(1))
  services.start()
  send({ ready: true })
}

function send(message: object): void {
  if (process.connected) process.send?.(message)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(3)
})
