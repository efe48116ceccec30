import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Image } from './oci-image'

/** A registry's filesystem storage, written to directly: a running registry shows what is added at once. */
export interface Storage {
  /** The registry's `rootdirectory`. */
  root: string
  /** Puts an image, or an index with all below it, into a repository under these tags. */
  put(repository: string, image: Image, ...tags: string[]): void
  /**
   * Puts one image per tag into `repositories` repositories named `PREFIX/00000`. They are links to one and the same
   * content, so that ten thousand take a second: look at them as much as you like, but change none.
   */
  seed(repositories: number, images: Record<string, Image>, prefix?: string): Promise<void>
}

/** Opens the storage in a folder, which need not exist yet. */
export function openStorage(root: string): Storage {
  const base = join(root, 'docker/registry/v2')
  const hex = (digest: string): string => digest.slice('sha256:'.length)

  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  const putBlobs = (image: Image): void => {
    for (const { digest, data } of [image.manifest, ...image.blobs]) {
      const path = join(base, 'blobs/sha256', hex(digest).slice(0, 2), hex(digest), 'data')
      if (!existsSync(path)) write(path, data)
    }
    image.children.forEach(putBlobs)
  }
  const putLinks = (folder: string, image: Image): void => {
    write(`${folder}/_manifests/revisions/sha256/${hex(image.manifest.digest)}/link`, image.manifest.digest)
    for (const { digest } of image.blobs) write(`${folder}/_layers/sha256/${hex(digest)}/link`, digest)
    for (const child of image.children) putLinks(folder, child)
  }
  const putTag = (folder: string, tag: string, { manifest: { digest } }: Image): void => {
    write(`${folder}/_manifests/tags/${tag}/current/link`, digest)
    write(`${folder}/_manifests/tags/${tag}/index/sha256/${hex(digest)}/link`, digest)
  }
  const folderOf = (repository: string): string => `${base}/repositories/${repository}`

  return {
    root,
    put(repository, image, ...tags) {
      const folder = folderOf(repository)
      putBlobs(image)
      putLinks(folder, image)
      // The registry's catalog is the folders that have uploads or manifests and layers.
      mkdirSync(`${folder}/_layers`, { recursive: true })
      for (const tag of tags) putTag(folder, tag, image)
    },
    async seed(repositories, images, prefix = 'big') {
      const content = join(root, 'seeded', prefix)
      for (const [tag, image] of Object.entries(images)) {
        putBlobs(image)
        putLinks(content, image)
        putTag(content, tag, image)
      }
      for (let number = 0; number < repositories; number += 1) {
        const folder = folderOf(`${prefix}/${String(number).padStart(5, '0')}`)
        mkdirSync(folder, { recursive: true })
        for (const name of ['_layers', '_manifests']) symlinkSync(join(content, name), join(folder, name))
        // Servers in this process answer meanwhile.
        if (number % 50 === 49) await breathe()
      }
    },
  }
}
