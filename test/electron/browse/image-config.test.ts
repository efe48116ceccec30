import { describe, expect, it } from 'vitest'
import { ImageConfig } from '@shared/browse'
import { Config } from '@shared/oci'
import { boundedRecord, configPlatform, imageConfig } from '../../../electron/browse/image-config'

describe('imageConfig', () => {
  it('reads what docker writes, with times in seconds', () => {
    const config = Config.parse({
      config: {
        User: '1000:1000',
        ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
        Env: ['PATH=/bin', 'EMPTY=', 'BARE', 'EQUALS=a=b'],
        Entrypoint: ['/entry.sh'],
        Cmd: 'serve',
        Volumes: { '/data': {} },
        WorkingDir: '/app',
        Labels: { a: 'b' },
        StopSignal: 'SIGQUIT',
        Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000, Timeout: 0, Retries: 3 },
      },
    })
    const read = imageConfig(config)
    expect(ImageConfig.parse(read)).toEqual(read)
    expect(read).toEqual({
      entrypoint: ['/entry.sh'],
      command: ['serve'],
      environment: [
        { name: 'PATH', value: '/bin' },
        { name: 'EMPTY', value: '' },
        { name: 'BARE', value: '' },
        { name: 'EQUALS', value: 'a=b' },
      ],
      ports: ['80/tcp', '443/tcp'],
      volumes: ['/data'],
      user: '1000:1000',
      workingFolder: '/app',
      labels: { a: 'b' },
      stopSignal: 'SIGQUIT',
      healthCheck: {
        test: ['CMD', 'true'],
        intervalSeconds: 30,
        timeoutSeconds: null,
        startSeconds: null,
        retries: 3,
      },
    })
  })

  it('reads a config without anything in it', () => {
    expect(imageConfig(Config.parse({ config: null }))).toMatchObject({
      entrypoint: null,
      environment: [],
      labels: {},
    })
    expect(configPlatform(Config.parse({ os: 'linux' }))).toBeNull()
  })
})

it('bounds labels in number and length', () => {
  const many = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`label ${index}`, 'x'.repeat(30_000)]),
  )
  const bounded = boundedRecord(many)
  expect(Object.keys(bounded)).toHaveLength(1000)
  expect(bounded['label 0']).toHaveLength(20_000)
})
