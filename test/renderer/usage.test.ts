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
  expect(text).toBe(
    'docker run -d \\\n  --name web \\\n  -p 80:80 \\\n  -p 53:53/udp \\\n  -v web-data:/data \\\n  r.example/a/web:1',
  )
})

it('leaves out ports that are none, and keeps a hostile path from becoming a command', () => {
  const hostile = config({ ports: ['80; rm -rf /', '99999/tcp', '$(x)/tcp'], volumes: ["/a'; rm -rf ~ #"] })
  const text = runCommand('r.example/a/web:1', 'a/web', hostile)
  expect(text).not.toContain('-p')
  expect(text).toContain(`'web-data:/a'\\''; rm -rf ~ #'`)
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
