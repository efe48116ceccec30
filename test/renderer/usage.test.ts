import type { ImageConfig } from '@shared/browse'
import { expect, it } from 'vitest'
import { shellWords } from '@/shell-words'
import { composeFile, runCommand } from '@/usage'

const config = (changes: Partial<ImageConfig> = {}): ImageConfig => ({
  entrypoint: null,
  command: null,
  environment: [],
  ports: [],
  volumes: [],
  user: null,
  workingFolder: null,
  labels: {},
  stopSignal: null,
  healthCheck: null,
  ...changes,
})

it('publishes the ports and mounts the volumes that the image names', () => {
  const text = runCommand(
    'r.example/a/web:1',
    'a/web',
    config({ ports: ['80/tcp', '53/udp'], volumes: ['/data'] }),
  )
  expect(text).toBe('docker run -d --name web -p 80:80 -p 53:53/udp -v web-data:/data r.example/a/web:1')
})

it('leaves out ports that are none, and keeps a hostile path from becoming a command', () => {
  const hostile = config({ ports: ['80; rm -rf /', '99999/tcp', '$(x)/tcp'], volumes: ["/a'; rm -rf ~ #"] })
  const text = runCommand('r.example/a/web:1', 'a/web', hostile)
  expect(text).not.toContain('-p')
  expect(text).toContain(`'web-data:/a'\\''; rm -rf ~ #'`)
})

it.each([
  '/a\n; rm -rf ~',
  '/a\r',
  '/a\u2028b',
  '/a\u202eb',
  '/a\u0000',
  '/a␛[31m',
  'a',
  '/a:ro',
  `/${'a'.repeat(1000)}`,
])('leaves out a path that would not be on one line as it is meant: %j', (path) => {
  const text = runCommand('r.example/a/web:1', 'a/web', config({ volumes: [path, '/data'] }))
  expect(text).toBe('docker run -d --name web -v web-data:/data r.example/a/web:1')
  expect(composeFile('r.example/a/web:1', 'a/web', config({ volumes: [path] }))).not.toContain('volumes')
})

it('lets Compose set nothing in for a dollar', () => {
  const text = composeFile('r.example/a/web:1', 'a/web', config({ volumes: ['/a/${HOME}'] }))
  expect(text).toContain('- "web-data:/a/$${HOME}"')
})

it('keeps a hostile path one string of the Compose file', () => {
  const text = composeFile('r.example/a/web:1', 'a/web', config({ volumes: ['/a"\n    privileged: true'] }))
  expect(
    text.split('\n').some((line) => line.includes('privileged: true') && !line.includes('web-data')),
  ).toBe(false)
})

it('quotes what a shell would take apart', () => {
  expect(shellWords(['nginx', '-g', 'daemon off;', ''])).toBe("nginx -g 'daemon off;' ''")
})
