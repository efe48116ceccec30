// Long because every call and event is declared here once, in one table that both sides are checked against.
/**
 * Every call and event between the window and the main process, declared once. Main parses each input and, in development
 * and tests, each output and event. No schema here has a password but the inputs of `account:sign-in` and `registry:probe`.
 */
import { z } from 'zod'
import { ArchiveListing } from './archive'
import {
  CatalogChange,
  CatalogKey,
  CatalogSnapshot,
  CatalogSummaries,
  ImageKey,
  ImageSnapshot,
  RepositoryKey,
  RepositorySnapshot,
} from './browse'
import { DeploymentSpec } from './deployment'
import { EngineState, LocalImages } from './engine'
import { ErrorInfo } from './error'
import { Job, JobRequest } from './job'
import {
  ArchivePlanRequest,
  CopyPlanRequest,
  DeletePlan,
  DeletePlanRequest,
  DeleteTagsPlan,
  DeleteTagsPlanRequest,
  PushPlan,
  PushPlanRequest,
  TransferPlan,
} from './plan'
import { PoolDraft, PoolList, PoolTestStep } from './pool'
import { ProbeStep, Registry, RegistryDraft, RegistryList, ServerCertificate } from './registry'
import { isRepository } from './reference'
import {
  DeploymentDetail,
  DeploymentKey,
  DeploymentList,
  DeploymentPlan,
  DeployReason,
  LogLine,
  Statistics,
} from './running'
import { DeletedTag, Lineage, Place, Places, SearchAnswer } from './search'
import { Settings, SettingsPatch } from './settings'

const nothing = z.undefined()
const Id = z.string().min(1).max(100)
const byId = z.object({ id: Id })
/** `auto`: from the cache, and refreshed behind when it is old. `force`: refreshed now. `never`: the cache alone. */
const Refresh = z.enum(['auto', 'force', 'never'])
const RepositoryName = z.string().refine(isRepository, 'repository')

export const AppInfo = z.object({
  version: z.string(),
  electron: z.string(),
  /** `linux`, `darwin`, `win32` */
  platform: z.string(),
  /** The system's language, BCP 47. */
  locale: z.string(),
  keychain: z.object({ available: z.boolean(), error: ErrorInfo.nullable() }),
})
export type AppInfo = z.infer<typeof AppInfo>

/** Values of secret environment variables by name: from the form to main, never back. */
const Secrets = z.record(z.string().max(1000), z.string().max(131_072))
const Description = z.object({
  spec: DeploymentSpec,
  /** Keys of the file that mean nothing to Slipway, and secrets that are still to be typed. */
  unknown: z.array(z.string()),
  secretsWanted: z.array(z.string()),
  /** The name of the pool that the file wishes for. */
  pool: z.string().nullable().optional(),
})

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O): { input: I; output: O } => ({
  input,
  output,
})

export const calls = {
  'app:info': call(nothing, AppInfo),
  /** Opens a page in the system's browser; anything but http and https is refused with INPUT_INVALID. */
  'app:open-external': call(z.object({ url: z.string().max(4096) }), nothing),
  'clipboard:write': call(z.object({ text: z.string().max(5_000_000) }), nothing),

  'settings:read': call(nothing, Settings),
  'settings:change': call(SettingsPatch, Settings),

  'registry:list': call(nothing, RegistryList),
  'registry:add': call(RegistryDraft, Registry),
  'registry:change': call(z.object({ id: Id, draft: RegistryDraft }), Registry),
  'registry:remove': call(byId, nothing),
  /**
   * Goes through name, TCP, TLS, `/v2/`, account and catalog, in this order, and answers what each found; each step is
   * also emitted as `probe:changed` with the caller's `probeId`. The account that was typed is used, and not kept; without
   * one that of the registry `id`, where there is one.
   */
  'registry:probe': call(
    z.object({
      probeId: Id,
      id: Id.nullable(),
      draft: RegistryDraft,
      account: z.object({ username: z.string().max(500), password: z.string().max(10_000) }).nullable(),
    }),
    z.array(ProbeStep),
  ),
  /** The certificate chain that the server shows; nothing but the TLS handshake is sent. */
  'registry:inspect-certificate': call(RegistryDraft.pick({ host: true, trust: true }), ServerCertificate),
  /** The user's word that this registry's token service at `realm` may have the credentials. */
  'registry:confirm-realm': call(z.object({ id: Id, realm: z.string().max(4096) }), Registry),
  /** Shows a file picker and answers the PEM text of the chosen file, or null when it was closed. */
  'registry:choose-certificate': call(nothing, z.object({ pem: z.string() }).nullable()),

  /**
   * Checks the account against the registry, then keeps the password: in the keychain, or (`session`) in memory until the
   * program ends. Fails with UNAUTHORIZED and keeps nothing when the registry refuses it.
   */
  'account:sign-in': call(
    z.object({
      registryId: Id,
      username: z.string().min(1).max(500),
      password: z.string().min(1).max(10_000),
      keep: z.enum(['keychain', 'session']),
    }),
    Registry,
  ),
  /** The user name under which docker's own client is signed in there; null: it is not. The password stays in main. */
  'account:docker-login': call(z.object({ registryId: Id }), z.object({ username: z.string().nullable() })),
  /** As `sign-in`, with the account that docker's own client keeps; CREDENTIAL_MISSING where it keeps none. */
  'account:adopt-docker-login': call(
    z.object({ registryId: Id, keep: z.enum(['keychain', 'session']) }),
    Registry,
  ),
  'account:sign-out': call(z.object({ registryId: Id, accountId: Id }), Registry),
  /** Has the keychain forget what it could not forget when an account went; KEYCHAIN_... where it still cannot. */
  'account:forget-left': call(nothing, RegistryList),
  /** Null: browse without an account. */
  'account:choose': call(z.object({ registryId: Id, accountId: Id.nullable() }), Registry),

  /** `first`: only so many rows, which is what a first screen waits for. */
  'catalog:read': call(
    CatalogKey.extend({ refresh: Refresh, first: z.number().int().min(1).optional() }),
    CatalogSnapshot,
  ),
  /** What is on screen: its summaries are read first. Answers at once; they come as `catalog:summarized`. */
  'catalog:summarize': call(z.object({ registryId: Id, names: z.array(RepositoryName).max(200) }), nothing),
  /** Lists a repository by name after asking the registry for its tags; NAME_UNKNOWN where it has none. */
  'catalog:add-repository': call(z.object({ registryId: Id, repository: RepositoryName }), nothing),
  'catalog:remove-repository': call(z.object({ registryId: Id, repository: RepositoryName }), nothing),

  'repository:read': call(RepositoryKey.extend({ refresh: Refresh }), RepositorySnapshot),
  /** The tags on screen: their details are read before the others. */
  'repository:focus': call(RepositoryKey.extend({ tags: z.array(z.string()).max(500) }), nothing),
  /** The window left the repository: reads that nobody waits for any more end. */
  'repository:leave': call(RepositoryKey, nothing),
  'image:read': call(ImageKey.extend({ refresh: Refresh }), ImageSnapshot),

  'engine:read': call(nothing, EngineState),
  /** `auto`, or the id of a candidate. */
  'engine:choose': call(z.object({ id: Id }), EngineState),
  'engine:reconnect': call(nothing, EngineState),
  'local-image:list': call(nothing, LocalImages),
  /** Removes a name, or by id the whole image; IMAGE_IN_USE where a container needs it. */
  'local-image:remove': call(z.object({ reference: z.string().min(1).max(1000) }), nothing),

  /** Lists what an archive (file or OCI-layout folder) holds. ARCHIVE_INVALID, ARCHIVE_UNSUPPORTED, ARCHIVE_UNREADABLE. */
  'archive:open': call(z.object({ path: z.string().min(1).max(4096) }), ArchiveListing),
  /** Shows a file picker; the chosen paths, empty when it was closed. */
  'archive:choose': call(z.object({ folder: z.boolean() }), z.array(z.string())),
  'archive:plan': call(ArchivePlanRequest, TransferPlan),
  'copy:plan': call(CopyPlanRequest, TransferPlan),
  'delete:plan-tags': call(DeleteTagsPlanRequest, DeleteTagsPlan),
  /** What was deleted from here and whose manifest is kept, newest first. */
  'deleted:list': call(RepositoryKey, z.array(DeletedTag)),

  /** Everything ever seen, from the cache alone; answers within a key stroke. */
  'search:query': call(
    z.object({ text: z.string().max(500), limit: z.number().int().min(1).max(200) }),
    SearchAnswer,
  ),
  'place:list': call(nothing, Places),
  'place:visit': call(Place, nothing),
  'place:pin': call(z.object({ place: Place, pinned: z.boolean() }), Places),
  'image:lineage': call(RepositoryKey.extend({ digest: z.string() }), Lineage),

  'push:plan': call(PushPlanRequest, PushPlan),
  'delete:plan': call(DeletePlanRequest, DeletePlan),

  'pool:list': call(nothing, PoolList),
  /** Asks the pools anew, all or one; resolves when they answered or could not. */
  'pool:refresh': call(z.object({ id: Id.nullable() }), PoolList),
  'pool:choose': call(byId, PoolList),
  'pool:add': call(PoolDraft, PoolList),
  'pool:change': call(z.object({ id: Id, draft: PoolDraft }), PoolList),
  'pool:remove': call(byId, PoolList),
  'pool:test': call(PoolDraft, z.array(PoolTestStep)),
  /** Shows a picker; the chosen path, or null when it was closed. */
  'pool:choose-path': call(z.object({ folder: z.boolean() }), z.string().nullable()),
  /** Makes the engine the first manager of a new swarm; `address` where its nodes reach it, null: its own choice. */
  'pool:begin-swarm': call(z.object({ id: Id, address: z.string().max(300).nullable() }), PoolList),
  /** Puts the command with which another host joins into the clipboard: it holds a secret, which the window never sees. */
  'pool:copy-join-command': call(z.object({ id: Id, role: z.enum(['worker', 'manager']) }), nothing),
  'pool:change-node': call(
    z.object({
      id: Id,
      nodeId: Id,
      action: z.enum(['activate', 'pause', 'drain', 'promote', 'demote', 'remove']),
    }),
    PoolList,
  ),

  /** A form filled from an image's config. `source`: a registry's tag or digest, or an image of the local engine. */
  'deployment:prefill': call(
    z.object({
      poolId: Id.nullable(),
      source: z.discriminatedUnion('kind', [
        RepositoryKey.extend({ kind: z.literal('registry'), reference: z.string().max(300) }),
        z.object({ kind: z.literal('local'), reference: z.string().max(1000) }),
      ]),
      platform: z.string().max(100).nullable(),
    }),
    DeploymentSpec,
  ),
  /** What would be done and what is in the way. `id`: the deployment that is changed, null for a new one. */
  'deployment:plan': call(z.object({ poolId: Id, id: Id.nullable(), spec: DeploymentSpec }), DeploymentPlan),
  /**
   * Keeps the secrets in the keychain (or, `session`, in memory), then queues a `deploy` job. `id` null: a new deployment.
   * A secret variable that is not in `secrets` keeps its value; SECRET_MISSING where it has none. KEYCHAIN_...
   */
  'deployment:apply': call(
    z.object({
      poolId: Id,
      id: Id.nullable(),
      spec: DeploymentSpec,
      secrets: Secrets,
      keep: z.enum(['keychain', 'session']),
      reason: DeployReason,
      baseVersion: z.number().int().min(1).nullable(),
    }),
    Job,
  ),
  /** As far as it is known; `refresh` asks the pools and waits for them. */
  'deployment:list': call(z.object({ refresh: z.boolean() }), DeploymentList),
  /** DEPLOYMENT_UNKNOWN. While it is watched, `deployment:detail-changed` follows. */
  'deployment:read': call(DeploymentKey, DeploymentDetail),
  'deployment:watch': call(DeploymentKey, nothing),
  'deployment:unwatch': call(DeploymentKey, nothing),
  /** The last hour, as far as the program was running; live while it is watched. */
  'deployment:statistics': call(DeploymentKey, Statistics),
  /** Asks the registries which digests the deployed tags name now. */
  'deployment:check-drift': call(DeploymentKey.nullable(), DeploymentList),
  /** Fills a form from a description file's text; DESCRIPTION_INVALID with line and column. */
  'deployment:read-description': call(z.object({ text: z.string().max(2_000_000) }), Description),
  /** Shows a file picker; null when it was closed. */
  'deployment:open-description': call(nothing, Description.nullable()),
  /** Shows a save dialog for a description, a Compose file, a command or a log; the path, or null when it was closed. */
  'deployment:save-text': call(
    z.object({ name: z.string().min(1).max(200), text: z.string().max(50_000_000) }),
    z.string().nullable(),
  ),

  /** Begins to read a log; its lines come as `log:lines`. `tail` null: all. `since` in milliseconds since 1970. */
  'log:open': call(
    DeploymentKey.extend({
      instanceId: Id.nullable(),
      tail: z.number().int().min(0).max(1_000_000).nullable(),
      since: z.number().nullable(),
    }),
    z.object({ streamId: z.string() }),
  ),
  'log:close': call(z.object({ streamId: Id }), nothing),
  /** Saves the whole log, not only what is shown; the path, or null when the dialog was closed. */
  'log:save': call(DeploymentKey.extend({ instanceId: Id.nullable() }), z.string().nullable()),

  /** A shell in an instance; its output comes as `terminal:output`. TERMINAL_FAILED where the image has none. */
  'terminal:open': call(
    DeploymentKey.extend({
      instanceId: Id,
      columns: z.number().int().min(1).max(1000),
      rows: z.number().int().min(1).max(1000),
    }),
    z.object({ terminalId: z.string() }),
  ),
  'terminal:write': call(z.object({ terminalId: Id, data: z.string().max(1_000_000) }), nothing),
  'terminal:resize': call(
    z.object({
      terminalId: Id,
      columns: z.number().int().min(1).max(1000),
      rows: z.number().int().min(1).max(1000),
    }),
    nothing,
  ),
  'terminal:close': call(z.object({ terminalId: Id }), nothing),

  'job:list': call(nothing, z.array(Job)),
  /** Validates, stores, and answers the queued job at once. */
  'job:enqueue': call(JobRequest, Job),
  'job:cancel': call(byId, Job),
  /** Stops a running job of a resumable kind where it is; `job:resume` goes on from there, also after a restart. */
  'job:pause': call(byId, Job),
  'job:resume': call(byId, Job),
  /** The same request again, as the same job with the next attempt. `replaces`: the digest now agreed to be covered. */
  'job:retry': call(byId.extend({ replaces: z.string().max(200).nullish() }), Job),
  'job:forget': call(byId, nothing),
  'job:forget-ended': call(nothing, nothing),
  /** What the far side printed, newest last, at most 2,000 lines. */
  'job:log': call(byId, z.array(z.string())),
} as const

export const events = {
  'settings:changed': Settings,
  'registry:changed': RegistryList,
  'probe:changed': z.object({ probeId: z.string(), steps: z.array(ProbeStep) }),
  'catalog:changed': CatalogChange,
  'catalog:summarized': CatalogSummaries,
  'repository:changed': RepositorySnapshot,
  'image:changed': ImageSnapshot,
  'engine:changed': EngineState,
  'local-image:changed': LocalImages,
  'place:changed': Places,
  'pool:changed': PoolList,
  'deployment:changed': DeploymentList,
  'deployment:detail-changed': DeploymentDetail,
  'deployment:statistics-changed': Statistics,
  /** `ended`: nothing more comes; `error` where it broke off. */
  'log:lines': z.object({
    streamId: z.string(),
    lines: z.array(LogLine),
    ended: z.boolean(),
    error: ErrorInfo.nullable(),
  }),
  'terminal:output': z.object({ terminalId: z.string(), data: z.string() }),
  'terminal:ended': z.object({ terminalId: z.string(), exitCode: z.number().nullable() }),
  'job:changed': Job,
  'job:forgotten': z.object({ ids: z.array(z.string()) }),
} as const

export type CallName = keyof typeof calls
export type CallInput<K extends CallName> = z.input<(typeof calls)[K]['input']>
export type CallOutput<K extends CallName> = z.output<(typeof calls)[K]['output']>
export type EventName = keyof typeof events
export type EventPayload<K extends EventName> = z.output<(typeof events)[K]>

/** What main must offer: a missing or an extra handler does not compile. */
export type Handlers = {
  [K in CallName]: (input: z.output<(typeof calls)[K]['input']>) => Promise<CallOutput<K>> | CallOutput<K>
}

/** How services tell the window that something changed. */
export type Emit = <K extends EventName>(name: K, payload: EventPayload<K>) => void

export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorInfo }

/** The bridge that the preload exposes as `window.slipway`: three functions, no logic. */
export interface Bridge {
  invoke(name: string, input: unknown): Promise<Result<unknown>>
  on(name: string, listener: (payload: unknown) => void): () => void
  /** The path of a file that was dropped or chosen; empty where it has none. */
  pathOf(file: unknown): string
}
