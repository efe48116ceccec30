import { performance } from 'node:perf_hooks'
import { toAppError } from '@shared/error'
import { type ProbeStep, probeSteps } from '@shared/registry'
import type { Log } from '../log'
import { Carrier } from './carrier'
import { RegistryClient } from './client'
import { baseUrl, type Credential, type RegistryEndpoint } from './endpoint'
import { type Finding, skipped } from './probe-finding'
import { checkAccount, checkApi, checkCatalog } from './probe-registry'
import { checkName, checkTcp, checkTls } from './probe-network'
import { type ProxyFor, proxyFromEnvironment } from './proxy'
import { cancelled, joinSignals, untilAborted } from './signal'
import { defaultTiming, type Timing } from './timing'
import { Transport } from './transport'
import { tlsTrustOf } from './trust'
import { hostOf } from './url'
import { Veil } from '../veil'

export interface ProbeOptions {
  endpoint: RegistryEndpoint
  resolveCredential: () => Promise<Credential | null>
  confirmedRealms: () => readonly string[]
  /** Counted apart on the catalog's first page. */
  namespace: string | null
  signal: AbortSignal
  /** Called with the steps so far whenever one is done. */
  onSteps: (steps: ProbeStep[]) => void
  log: Log
  proxyFor?: ProxyFor
  timing?: Partial<Timing>
}

type StepName = ProbeStep['step']

/**
 * Tries a registry step by step: name, TCP, TLS, `/v2/`, account, catalog. After a failure the rest is skipped. Resolves with
 * all six steps; rejects only with CANCELLED.
 */
export async function probe(options: ProbeOptions): Promise<ProbeStep[]> {
  const { endpoint, signal, log, onSteps } = options
  const timing = { ...defaultTiming, ...options.timing }
  const url = baseUrl(endpoint)
  const proxyFor = options.proxyFor ?? proxyFromEnvironment(process.env)
  await proxyFor.prepare?.(url)
  const proxy = proxyFor(url)
  // Only a proxy's account is sent without the client.
  const veil = new Veil()
  const transport = new Transport({ tls: tlsTrustOf(endpoint.trust), proxyFor, timing, veil })
  const carrier = new Carrier(transport, timing, log)
  const client = new RegistryClient({ ...options, proxyFor, timing })
  const joined = joinSignals(signal)
  const within = joined.signal
  const checks: Record<StepName, () => Promise<Finding>> = {
    name: () => checkName(url, proxy),
    tcp: () => checkTcp(url, proxy, timing, within),
    tls: () => (url.protocol === 'http:' ? Promise.resolve(skipped) : checkTls(transport, url, within)),
    api: () => checkApi(carrier, url, { timing, veil, signal: within }),
    account: () => checkAccount(client, options.resolveCredential, within),
    catalog: () => checkCatalog(client, options.namespace, within),
  }
  const steps: ProbeStep[] = []
  let failed = false
  try {
    for (const step of probeSteps) {
      const begun = performance.now()
      const finding: Finding = failed ? skipped : await attempt(checks[step], within, hostOf(url))
      failed ||= finding.state === 'failed'
      steps.push({ step, ...finding, milliseconds: Math.round(performance.now() - begun) })
      onSteps([...steps])
    }
    return steps
  } finally {
    joined.release()
    client.close()
    transport.close()
  }
}

async function attempt(check: () => Promise<Finding>, signal: AbortSignal, host: string): Promise<Finding> {
  if (signal.aborted) throw cancelled()
  try {
    return await untilAborted(check(), signal)
  } catch (thrown) {
    if (signal.aborted) throw cancelled()
    const error = toAppError(thrown).with({ side: 'registry', host })
    return { state: 'failed', facts: [], error: error.toInfo() }
  }
}
