import type { Certificate, ServerCertificate, Trust } from '@shared/registry'
import { shallowRef } from 'vue'
import { useRegistriesStore } from '../stores/registries'
import { useAsync } from './useAsync'

/** Looks at the certificates that a server shows; nothing but the TLS handshake is sent to it. */
export function useCertificate() {
  const registries = useRegistriesStore()
  const found = shallowRef<ServerCertificate | null>(null)
  const { run, running, error } = useAsync(async (host: string, trust: Trust) => {
    found.value = null
    found.value = await registries.inspectCertificate(host, trust)
  })
  return { look: run, looking: running, error, found, forget: () => void (found.value = null) }
}

/**
 * What to trust of a chain: its root where the server shows one, so that a renewed certificate of the same authority is
 * accepted too; else everything that it shows.
 */
export function trustedPem(chain: readonly Certificate[]): string {
  const root = chain.find((certificate) => certificate.selfSigned)
  return (root ? [root] : chain).map((certificate) => certificate.pem.trim()).join('\n')
}
