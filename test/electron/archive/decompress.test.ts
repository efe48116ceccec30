import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { decompress } from '../../../electron/archive/decompress'

const frame = (blocks: number): Buffer => {
  const one = Buffer.from('02001078', 'hex')
  return Buffer.concat([Buffer.from('28b52ffd0040', 'hex'), ...Array.from({ length: blocks }, () => one)])
}

it('refuses what unpacks to far more than an image has, without unpacking it all', async () => {
  let given = 0
  const bomb = frame(1_000_000) // 125 GB
  const reading = (async () => {
    for await (const part of decompress(Readable.from([bomb]), 'zstd')) given += part.length
  })()
  await expect(reading).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' })
  expect(given).toBeLessThan(2 ** 30 + 2 ** 20)
}, 30_000)

it('reads gzip of several members', async () => {
  let text = ''
  const both = Buffer.concat([gzipSync('one '), gzipSync('two')])
  for await (const part of decompress(Readable.from([both]), 'gzip')) text += part.toString()
  expect(text).toBe('one two')
})

it('hands on the error of its source', async () => {
  const broken = async function* (): AsyncGenerator<Buffer> {
    yield gzipSync('one').subarray(0, 12)
    throw Object.assign(new Error('gone'), { code: 'EIO' })
  }
  const reading = (async () => {
    for await (const part of decompress(broken(), 'gzip')) expect(part).toBeDefined()
  })()
  await expect(reading).rejects.toThrow('gone')
})
