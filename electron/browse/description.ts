import type { Description } from '@shared/browse'
import { boundedText, httpLink } from './hostile-text'

type Labels = Record<string, string> | null | undefined
export type BareDescription = Omit<Description, 'fromTag'>

/** OCI image-spec "Pre-Defined Annotation Keys", then the older label-schema.org names. */
const names: Record<keyof BareDescription, string[]> = {
  title: ['org.opencontainers.image.title', 'org.label-schema.name'],
  description: ['org.opencontainers.image.description', 'org.label-schema.description'],
  source: ['org.opencontainers.image.source', 'org.label-schema.vcs-url'],
  documentation: ['org.opencontainers.image.documentation', 'org.label-schema.usage'],
  homepage: ['org.opencontainers.image.url', 'org.label-schema.url'],
  vendor: ['org.opencontainers.image.vendor', 'org.label-schema.vendor'],
  licenses: ['org.opencontainers.image.licenses', 'org.label-schema.license'],
  version: ['org.opencontainers.image.version', 'org.label-schema.version'],
}

/** What an image says of itself, from its config's labels first, then from annotations; null where it says nothing. */
export function describe(...sources: Labels[]): BareDescription | null {
  const first = (field: keyof BareDescription, accept: (text: string) => string | null): string | null => {
    for (const name of names[field]) {
      for (const labels of sources) {
        if (!labels || !Object.hasOwn(labels, name)) continue
        const text = accept((labels[name] ?? '').trim())
        if (text) return text
      }
    }
    return null
  }
  const text =
    (limit: number) =>
    (value: string): string =>
      boundedText(value, limit)
  const description: BareDescription = {
    title: first('title', text(200)),
    description: first('description', text(4000)),
    source: first('source', httpLink),
    documentation: first('documentation', httpLink),
    homepage: first('homepage', httpLink),
    vendor: first('vendor', text(200)),
    licenses: first('licenses', text(200)),
    version: first('version', text(200)),
  }
  return Object.values(description).some((value) => value !== null) ? description : null
}
