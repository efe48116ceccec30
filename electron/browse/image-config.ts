import type { ImageConfig, ImageDetail } from '@shared/browse'
import type { Config, Manifest, Platform } from '@shared/oci'
import { parseDate } from './date'
import { boundedText } from './hostile-text'
import { layerRows } from './layers'

const most = 1000

const list = (values: readonly string[] | null | undefined): string[] | null =>
  values ? values.slice(0, most).map((value) => boundedText(value, 20_000)) : null

const text = (value: string | null | undefined): string | null => (value ? boundedText(value, 1000) : null)

/** Docker writes times in nanoseconds, and 0 for "inherited". */
const seconds = (nanoseconds: number | null | undefined): number | null =>
  nanoseconds ? nanoseconds / 1_000_000_000 : null

function environmentOf(entry: string): { name: string; value: string } {
  const equals = entry.indexOf('=')
  return equals < 0
    ? { name: boundedText(entry, 1000), value: '' }
    : { name: boundedText(entry.slice(0, equals), 1000), value: boundedText(entry.slice(equals + 1), 20_000) }
}

/** The settings with which the image's containers start. */
export function imageConfig(config: Config): ImageConfig {
  const inner = config.config ?? {}
  const check = inner.Healthcheck
  return {
    entrypoint: list(inner.Entrypoint),
    command: list(inner.Cmd),
    environment: (inner.Env ?? []).slice(0, most).map(environmentOf),
    ports: Object.keys(inner.ExposedPorts ?? {})
      .slice(0, most)
      .map((port) => boundedText(port, 100)),
    volumes: Object.keys(inner.Volumes ?? {})
      .slice(0, most)
      .map((path) => boundedText(path, 1000)),
    user: text(inner.User),
    workingFolder: text(inner.WorkingDir),
    labels: boundedRecord(inner.Labels),
    stopSignal: text(inner.StopSignal),
    healthCheck: check
      ? {
          test: list(check.Test) ?? [],
          intervalSeconds: seconds(check.Interval),
          timeoutSeconds: seconds(check.Timeout),
          startSeconds: seconds(check.StartPeriod),
          retries: check.Retries || null,
        }
      : null,
  }
}

/** Labels or annotations as they may be shown: bounded in number and length. */
export function boundedRecord(record: Record<string, string> | null | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record ?? {})
      .slice(0, most)
      .map(([name, value]) => [boundedText(name, 1000), boundedText(value, 20_000)]),
  )
}

/** The platform that a config names, or null where it does not say. */
export function configPlatform(config: Config): Platform | null {
  if (!config.os || !config.architecture) return null
  return {
    os: config.os,
    architecture: config.architecture,
    ...(config.variant ? { variant: config.variant } : {}),
  }
}

/** All that an image's page tells of one platform. `imageId` is the config's digest, `rawConfig` its text. */
export function imageDetail(manifest: Manifest, config: Config, rawConfig: string): ImageDetail {
  return {
    imageId: manifest.config.digest,
    author: text(config.author),
    created: parseDate(config.created),
    platform: configPlatform(config),
    layers: layerRows(manifest, config),
    config: imageConfig(config),
    rawConfig,
  }
}
