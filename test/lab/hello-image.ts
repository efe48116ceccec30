import { gzipSync } from 'node:zlib'
import { busyboxTar } from './machine-image'
import { blobOf, digestOf, jsonBlob, type Image } from './oci-image'

export interface HelloOptions {
  /** False: it starts and answers, but says of itself for ever that it is not well. */
  healthy?: boolean
  /** Between two health checks, of which two must fail; 1 when not given. */
  intervalSeconds?: number
  /** Layers on top, say to make its download last. */
  layers?: Buffer[]
  /** Lines of shell that it begins with. */
  before?: string[]
}

const type = 'application/vnd.docker'

/**
 * An image that really runs: a small web server at 8080 that greets with `$GREETING` and its version, writes a line for each
 * request, ends at once when told to, and has a health check. Made without an engine.
 */
export function helloImage(
  version: string,
  { healthy = true, intervalSeconds = 1, layers = [], before = [] }: HelloOptions = {},
): Image {
  const script = [
    '#!/bin/sh',
    ...before,
    `printf '\\033[1mhello %s\\033[0m\\n' ${version}`,
    'mkdir -p /tmp/www',
    `echo "$GREETING from hello ${version}" > /tmp/www/index.html`,
    'httpd -f -vv -p 8080 -h /tmp/www 2>&1 &',
    `trap "kill $!; echo bye; exit 0" TERM INT`,
    healthy
      ? `echo ok > /tmp/ready; printf '\\033[32mready\\033[0m, %s at port 8080\\n' "$GREETING"`
      : `printf '\\033[31merror\\033[0m: licence server not found, asking again\\n'`,
    'wait',
    '',
  ]
  const tar = busyboxTar([{ path: 'bin/hello', data: Buffer.from(script.join('\n')), mode: 0o755 }])
  const tars = [tar, ...layers]
  const created = new Date(
    Date.UTC(2026, 9, 1) + Number(version.replace(/\D/g, '')) * 86_400_000,
  ).toISOString()
  const config = jsonBlob(`${type}.container.image.v1+json`, {
    ...{ created, os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    config: {
      ...{ Env: ['PATH=/bin', 'GREETING=Hello'], Cmd: ['/bin/hello'], ExposedPorts: { '8080/tcp': {} } },
      Healthcheck: {
        Test: ['CMD-SHELL', 'cat /tmp/ready'],
        ...{ Interval: intervalSeconds * 1_000_000_000, Timeout: 5_000_000_000, Retries: 2 },
      },
      Labels: {
        'org.opencontainers.image.title': 'Hello',
        'org.opencontainers.image.description': 'A web server that greets',
        'org.opencontainers.image.version': version,
      },
    },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: tars.map((_, index) => ({
      created,
      created_by: index === 0 ? 'ADD hello / # buildkit' : `COPY part-${index} / # buildkit`,
    })),
  })
  const blobs = tars.map((layer) =>
    blobOf(`${type}.image.rootfs.diff.tar.gzip`, gzipSync(layer, { level: 1 })),
  )
  const descriptor = ({ mediaType, digest, size }: (typeof blobs)[number]): object => ({
    ...{ mediaType, digest, size },
  })
  const manifest = jsonBlob(`${type}.distribution.manifest.v2+json`, {
    ...{ schemaVersion: 2, mediaType: `${type}.distribution.manifest.v2+json` },
    ...{ config: descriptor(config), layers: blobs.map(descriptor) },
  })
  return { manifest, blobs: [config, ...blobs], children: [] }
}
