import { describe, expect, it } from 'vitest'
import { errorOfTask, errorOfWaiting, toSwarmError } from '../../../../electron/deploy/swarm-pool/error'
import { someService, someSpec, someTask } from './some-swarm'

const service = someService(someSpec())
const evidence = { node: 'one', lines: ['last line'], delivery: 'pull' } as const

describe('what a manager refuses', () => {
  it.each([
    [
      400,
      "rpc error: code = InvalidArgument desc = port '8080' is already in use by service 'w' (x) as an ingress port",
      'PORT_IN_USE',
    ],
    [
      409,
      'rpc error: code = AlreadyExists desc = name conflicts with an existing object: service w already exists',
      'NAME_TAKEN',
    ],
    [500, 'rpc error: code = Unknown desc = update out of sequence', 'DEPLOYMENT_CHANGED'],
    [404, 'service web not found', 'DEPLOYMENT_UNKNOWN'],
    [503, 'This node is not a swarm manager. Use "docker swarm init"', 'SWARM_NEEDED'],
  ])('%i %s', (statusCode, message, code) => {
    const error = toSwarmError(Object.assign(new Error(message), { statusCode, json: { message } }))
    expect(error.code).toBe(code)
    expect(error.detail).not.toContain('rpc error')
  })

  it('keeps the port that is in the way', () => {
    const message = "port '8080' is already in use by service 'w'"
    expect(toSwarmError(new Error(message)).context).toMatchObject({ port: '8080' })
  })

  it('takes an engine that is gone for that', () => {
    expect(toSwarmError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })).code).toBe(
      'ENGINE_STOPPED',
    )
  })
})

describe('why a task failed', () => {
  it.each([
    ['failed', 'task: non-zero exit (3)', 3, 'CONTAINER_EXITED', 3],
    ['complete', null, 0, 'CONTAINER_EXITED', 0],
    ['failed', 'task: non-zero exit (137): dockerexec: unhealthy container', 137, 'NOT_HEALTHY', undefined],
    ['rejected', 'No such image: host/app@sha256:1', 0, 'ENGINE_UNREACHABLE_REGISTRY', undefined],
    [
      'failed',
      'starting container failed: exec: "/x": stat /x: no such file or directory: unknown',
      127,
      'CONTAINER_EXITED',
      127,
    ],
    [
      'rejected',
      'invalid mount config for type "bind": bind source path does not exist: /x',
      0,
      'DEPLOYMENT_INVALID',
      undefined,
    ],
    ['failed', 'Bind for 0.0.0.0:8080 failed: port is already allocated', 128, 'PORT_IN_USE', undefined],
  ])('%s: %s', (State, Err, ExitCode, code, exitCode) => {
    const task = someTask(service, { State, Err, ContainerStatus: { ContainerID: 'c', ExitCode } })
    const error = errorOfTask(task, evidence)
    expect(error.code).toBe(code)
    expect(error.context.exitCode).toBe(exitCode)
    expect(error.detail).toContain('last line')
    expect(error.detail).toMatch(/^one: /)
  })

  it('misses the image itself where nobody was to pull it', () => {
    const task = someTask(service, { State: 'rejected', Err: 'No such image: app:1', ContainerStatus: null })
    expect(errorOfTask(task, { ...evidence, delivery: 'send' }).code).toBe('IMAGE_NOT_FOUND')
  })

  it.each([
    ['no suitable node (insufficient resources on 1 node)', 'RESOURCES_MISSING'],
    ['no suitable node (host-mode port already in use on 2 nodes)', 'PORT_IN_USE'],
    ['no suitable node (unsupported platform on 1 node)', 'PLATFORM_MISSING'],
  ])('waiting: %s', (Err, code) => {
    expect(errorOfWaiting(someTask(service, { State: 'pending', Err })).code).toBe(code)
  })
})
