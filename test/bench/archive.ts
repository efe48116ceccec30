/** Archives as `docker save` writes them, made without an engine. */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { digestOf } from '../lab/oci-image'
import { randomBytesOf } from '../lab/random-bytes'
import { packTar } from '../lab/tar'

export interface MadeArchive {
  path: string
  /** Of the config: what names the image. */
  digest: string
}

const block = 256 * 1024
const end = 1024

/** Bytes of which every other block is text and the rest is incompressible; always the same for a seed. */
function halfCompressible(seed: string, size: number): Buffer {
  const bytes = randomBytesOf(seed, size)
  const text = textOf(4 * 2 ** 20)
  for (let at = 0, from = 0; at < size; at += 2 * block, from = (from + block) % text.length) {
    text.copy(bytes, at, from, Math.min(from + block, from + size - at))
  }
  return bytes
}

/** Words in no order, as logs and sources have them: a third of its size when compressed. */
function textOf(size: number): Buffer {
  const dice = randomBytesOf('words', size)
  const word = (index: number): string =>
    createHash('sha1')
      .update(String(index))
      .digest('hex')
      .slice(0, 3 + (index % 7))
  const words = Array.from({ length: 4096 }, (_, index) => `${word(index)} `)
  const parts: string[] = []
  for (let at = 0, length = 0; length < size; at += 2) {
    const next = words[dice.readUInt16LE(at) % words.length] ?? ''
    parts.push(next)
    length += next.length
  }
  return Buffer.from(parts.join('').slice(0, size))
}

/** Writes an image of layers with these sizes in bytes to `path`; `seeds` name the content of each. */
export function writeDockerArchive(path: string, layers: { seed: string; size: number }[]): MadeArchive {
  const file = openSync(path, 'w')
  const write = (name: string, data: Buffer): void => {
    const packed = packTar([{ path: name, data }])
    writeAll(file, packed.subarray(0, packed.length - end))
  }
  const made = layers.map(({ seed, size }) => {
    const tar = packTar([{ path: `opt/${seed}`, data: halfCompressible(seed, size) }])
    const diffId = digestOf(tar)
    const name = `${diffId.slice(7)}/layer.tar`
    write(name, tar)
    return { diffId, name }
  })
  const created = new Date(0).toISOString()
  const config = Buffer.from(
    JSON.stringify({
      ...{ created, os: 'linux', architecture: 'amd64', config: { Cmd: ['/bin/sh'] } },
      rootfs: { type: 'layers', diff_ids: made.map(({ diffId }) => diffId) },
      history: made.map(() => ({ created, created_by: 'COPY . /opt # buildkit' })),
    }),
  )
  const digest = digestOf(config)
  const configName = `${digest.slice(7)}.json`
  write(configName, config)
  const manifest = [
    { Config: configName, RepoTags: ['bench/archive:1'], Layers: made.map(({ name }) => name) },
  ]
  write('manifest.json', Buffer.from(JSON.stringify(manifest)))
  writeAll(file, Buffer.alloc(end))
  closeSync(file)
  return { path, digest }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}

/** Four large layers and a small one, 500 MB in all; archives that differ only in `change` share the large ones. */
export function writeLargeArchive(path: string, image: string, change: string): MadeArchive {
  const large = Array.from({ length: 4 }, (_, index) => ({ seed: `${image}-${index}`, size: 124e6 }))
  return writeDockerArchive(path, [...large, { seed: `${image}-${change}`, size: 4e6 }])
}

/** A name for content that was in no registry before. */
export const newSeed = (): string => randomBytes(6).toString('hex')
