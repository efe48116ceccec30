import fc from 'fast-check'
import { expect, it } from 'vitest'
import { problemsOf } from '@shared/deployment'
import { fromService } from '../../../../electron/deploy/model/from-service'
import { imageOf, noImageFacts, pinnedReference } from '../../../../electron/deploy/model/image'
import { encodeLabels } from '../../../../electron/deploy/model/labels'
import { toServiceBody } from '../../../../electron/deploy/model/service-body'
import { anySpec } from './some-spec'

/** A service's inspect, as swarm makes it: networks by id, the health check under another name than the client's. */
function inspectedOf(body: ReturnType<typeof toServiceBody>): unknown {
  const text = JSON.stringify({ Spec: body }).replaceAll('"HealthCheck":', '"Healthcheck":')
  return JSON.parse(text)
}

it('is the same deployment from form to swarm and back, less what swarms do not know', () => {
  fc.assert(
    fc.property(anySpec, (spec) => {
      const version = { version: 1, at: 1, reason: 'new', spec, digest: null } as const
      const secrets = Object.fromEntries(spec.environment.map(({ name }) => [name, 'x']))
      const body = toServiceBody({
        ...{ spec, secrets, imageConfig: noImageFacts, name: spec.name },
        image: pinnedReference(spec.image),
        labels: encodeLabels({ id: 'd', versions: [version] }),
        taskLabels: {},
      })
      expect(fromService(inspectedOf(body))).toEqual({
        ...spec,
        image: imageOf(pinnedReference(spec.image)),
        ports: spec.ports.filter(({ scope }) => scope === 'all'),
        cpu: { ...spec.cpu, weight: null },
        diskBytes: null,
        restart:
          spec.restart.policy === 'always' ? { policy: 'unless-stopped', retries: null } : spec.restart,
      })
    }),
  )
})

it('takes a service of someone else, whatever it says', () => {
  fc.assert(
    fc.property(fc.object(), fc.object(), (container, task) => {
      const inspected = { Spec: { Name: 'A b', TaskTemplate: { ...task, ContainerSpec: container } } }
      expect(problemsOf(fromService(inspected))).toEqual([])
    }),
  )
  expect(problemsOf(fromService(null))).toEqual([])
})

it('names networks that are known by their id', () => {
  const inspected = {
    Spec: { TaskTemplate: { ContainerSpec: {}, Networks: [{ Target: 'n1' }, { Target: 'n2' }] } },
  }
  expect(fromService(inspected, { networks: new Map([['n1', 'front']]) }).networks).toEqual(['front', 'n2'])
})
