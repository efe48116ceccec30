import { describe, expect, it } from 'vitest'
import { toPoolError } from '../../../../electron/deploy/engine-pool/error'

const said = (message: string, statusCode = 500): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), {
    statusCode,
    json: { message },
  })

describe('what engines say about containers', () => {
  it.each([
    [
      'driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:8080 failed: port is already allocated',
      { code: 'PORT_IN_USE', context: { port: '8080' } },
    ],
    [
      'driver failed programming external connectivity on endpoint a: Error starting userland proxy: listen tcp4 0.0.0.0:40001: bind: address already in use',
      { code: 'PORT_IN_USE', context: { port: '40001' } },
    ],
    [
      'cannot listen on the TCP port: listen tcp4 :8080: bind: address already in use',
      { code: 'PORT_IN_USE' },
    ],
    [
      'Conflict. The container name "/shop-1" is already in use by container "4f". You have to remove (or rename) that container to be able to reuse that name.',
      { code: 'NAME_TAKEN' },
    ],
    ['No such container: 4f', { code: 'DEPLOYMENT_UNKNOWN' }],
    [
      'OCI runtime create failed: runc create failed: unable to start container process: exec: "nothing": executable file not found in $PATH: unknown',
      { code: 'CONTAINER_EXITED', context: { exitCode: 127 } },
    ],
    [
      'OCI runtime create failed: runc create failed: unable to start container process: exec: "/x": permission denied: unknown',
      { code: 'CONTAINER_EXITED', context: { exitCode: 126 } },
    ],
    [
      "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
      { code: 'DEPLOYMENT_INVALID', context: { field: 'diskBytes' } },
    ],
    ['Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available', { code: 'RESOURCES_MISSING' }],
    [
      'invalid mount config for type "bind": bind source path does not exist: /nowhere',
      { code: 'DEPLOYMENT_INVALID', context: { field: 'volumes' } },
    ],
    ['write /var/lib: no space left on device', { code: 'ENGINE_DISK_FULL' }],
    ['something new', { code: 'ENGINE_FAILED' }],
  ])('%s', (message, expected) => {
    const error = toPoolError(said(message), { deployment: 'shop' })
    expect(error).toMatchObject(expected)
    expect(error).toMatchObject({ context: { deployment: 'shop' }, detail: message })
  })
})
