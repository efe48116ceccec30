import { expect, it } from 'vitest'
import { identityOf } from '../../../../electron/deploy/engine-pool/models'
import { deploymentLabels } from '../../../../electron/deploy/model/labels'

const labels = {
  [deploymentLabels.id]: 'd-1',
  [deploymentLabels.name]: 'shop',
  [deploymentLabels.version]: '3',
  [deploymentLabels.instance]: '2',
}

it('knows a container of ours by its labels', () => {
  expect(identityOf(labels)).toMatchObject({ id: 'd-1', name: 'shop', version: 3, instance: 2 })
  expect(identityOf({ other: 'label' })).toBeNull()
  expect(identityOf(null)).toBeNull()
})

it('leaves the tasks of a swarm to the pool of that swarm', () => {
  expect(identityOf({ ...labels, 'com.docker.swarm.service.id': 's' })).toBeNull()
})
