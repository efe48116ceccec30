import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startService } from './process'
import { remainsOf } from './remains'
import { temporaryFolder } from './temporary'
import { until } from './until'

it('a service ends with its whole group, and says why it did not get ready', async () => {
  const folder = temporaryFolder('test')
  const mark = `${folder.path}/mark`
  const script = `sh -c 'sleep 1000; : ${mark}' & trap '' TERM; echo up; wait; sleep 1000; : ${mark}`
  const service = await startService({ command: 'sh', args: ['-c', script], logFile: folder.join('log') })
  await service.ready(() => service.log().includes('up'))
  expect(remainsOf(mark)).toHaveLength(2)
  await service.stop(100)
  expect(remainsOf(mark)).toEqual([])
  const broken = await startService({
    command: 'sh',
    args: ['-c', 'echo no such luck; exit 3'],
    logFile: folder.join('broken'),
  })
  await expect(broken.ready(() => false)).rejects.toThrow('no such luck')
  await broken.stop()
  folder.remove()
})

it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'nothing outlives a process that ends by %s',
  async (signal) => {
    const lab = fileURLToPath(new URL('lab.ts', import.meta.url))
    const script = `
    const { startLab } = await import(${JSON.stringify(lab)})
    const lab = await startLab({ engine: {}, keyring: {}, publicRegistry: {}, display: {} })
    console.log(JSON.stringify([lab.engine.socket, lab.publicRegistry.storage.root, lab.ca].map((p) => p.split('/').slice(0, 3).join('/'))))
    setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const folders = JSON.parse(line) as string[]
    expect(folders.map(existsSync)).toEqual([true, true, true])
    child.kill(signal)
    await until('everything being gone', () => {
      return folders.every((folder) => !existsSync(folder) && remainsOf(folder).length === 0)
    })
  },
)
