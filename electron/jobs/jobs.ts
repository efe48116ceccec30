import { join } from 'node:path'
import type { Emit } from '@shared/contract'
import { isEnded, isPoolRequest } from '@shared/job'
import { DeploymentSecrets, type SecretKeeper } from '../deploy/secrets'
import type { Engine } from '../engine/engine'
import type { Log } from '../log'
import { createArchivePlanner } from './archive-plan'
import { createArchivePushRunner } from './archive-push'
import { ArchiveShelf } from './archive-shelf'
import { createCopyRunner } from './copy'
import { createCopyPlanner } from './copy-plan'
import { createDeleteRunner } from './delete'
import { createDeletePlanner } from './delete-plan'
import { createDeleteTagsRunner } from './delete-tags'
import { createDeleteTagsPlanner } from './delete-tags-plan'
import { createDeployRunner } from './deploy'
import { createDeployApply } from './deploy-apply'
import { createDeployForm } from './deploy-form'
import { createDeployPlanner } from './deploy-plan'
import { createDeploymentActionRunner } from './deployment-action'
import type { EngineAccess } from './engine-access'
import type { JobTable } from './job-table'
import type { KnownBlobs } from './layer-sender'
import { Leavings } from './leavings'
import type { PoolAccess } from './pool-access'
import { createPullRunner } from './pull'
import { createPushRunner } from './push'
import { createPushPlanner } from './push-plan'
import { JobQueue } from './queue'
import type { RegistryAccess } from './registry-access'
import { createRestoreRunner } from './restore'
import { createResumablePushRunner } from './resumable-push'
import { Spool } from './spool'
import { TemporaryReferences } from './temporary-references'
import { UnownedSecrets } from './unowned-secrets'

export interface JobsParts {
  /** The program's data folder. */
  folder: string
  table: JobTable
  registries: RegistryAccess
  engine: EngineAccess & Pick<Engine, 'rawImage'>
  pools: PoolAccess
  credentials: SecretKeeper
  cache: KnownBlobs
  emit: Emit
  log: Log
  /** A tag of a repository has changed, or may have. */
  onPushed: (registryId: string, repository: string, tag: string) => void
  onDeleted: (registryId: string, repository: string, tag: string) => void
}

export type Jobs = ReturnType<typeof createJobs>

/** The queue with its runners, and the plans that are shown before a job is started. Nothing runs before `start`. */
export function createJobs({ folder, table, cache: known, ...parts }: JobsParts) {
  const { registries, engine, pools, emit, log } = parts
  const secrets = new DeploymentSecrets(parts.credentials)
  const { uploads, deleted } = table
  const spool = new Spool(join(folder, 'spool'), log)
  const shelf = new ArchiveShelf({ spoolFolder: spool.folder, log })
  const temporaries = new TemporaryReferences({ journal: table, engine, log })
  const unowned = new UnownedSecrets({ table, secrets, log })
  const leavings = new Leavings({ registries, uploads, spool, secrets: unowned, log })
  const sending = { ...parts, known, uploads, deleted, shelf, spool, temporaries }
  const queue = new JobQueue({
    table,
    hostOf: (request) =>
      isPoolRequest(request) ? pools.name(request.poolId) : registries.host(request.registryId),
    emit,
    log,
    onEnded: (job) => leavings.ended(job),
    onForgotten: (job) => leavings.forgotten(job),
    runners: {
      push: createPushRunner(sending),
      pull: createPullRunner(parts),
      delete: createDeleteRunner(sending),
      'archive-push': createArchivePushRunner(sending),
      'resumable-push': createResumablePushRunner(sending),
      copy: createCopyRunner(sending),
      'delete-tags': createDeleteTagsRunner(sending),
      restore: createRestoreRunner(sending),
      deploy: createDeployRunner({ pools, registries, engine, secrets }),
      'deployment-action': createDeploymentActionRunner({ pools, secrets }),
    },
  })
  let stopCleaning: () => void = () => undefined
  let cleaning: Promise<void> | null = null
  return {
    queue,
    secrets,
    shelf,
    planPush: createPushPlanner({ registries, engine, cache: known }),
    planArchive: createArchivePlanner({ registries, known, shelf, uploads }),
    planCopy: createCopyPlanner({ registries, known }),
    fillDeployForm: createDeployForm({ registries, engine, pools }),
    planDeploy: createDeployPlanner(pools),
    applyDeploy: createDeployApply({ pools, secrets, unowned, queue }),
    planDelete: createDeletePlanner(parts),
    planDeleteTags: createDeleteTagsPlanner(parts),
    listDeleted: (place: { registryId: string; repository: string }) => deleted.list(place),
    start(): void {
      stopCleaning = temporaries.start()
      const going = table.all().filter(({ state }) => !isEnded(state))
      void spool.clean(going.map(({ id }) => id))
      cleaning = unowned.clean()
      queue.start()
    },
    /** Ends what runs, and what was begun to clear up. */
    async stop(): Promise<void> {
      await queue.stop()
      stopCleaning()
      await Promise.all([cleaning, leavings.settled(), shelf.close()])
    },
  }
}
