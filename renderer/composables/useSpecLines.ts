import { useI18n } from 'vue-i18n'
import type { DeploymentSpec } from '@shared/deployment'
import {
  differenceOf,
  specLines,
  type SpecChange,
  type SpecLine,
  type SpecWords,
} from '@/components/deployment/spec-lines'
import { useFormat } from './useFormat'

/** A deployment's settings, and what two versions differ in, worded in the language that is shown. */
export function useSpecLines() {
  const { t } = useI18n()
  const { bytes, number, duration } = useFormat()
  const words: SpecWords = {
    t: (key, values, count) => t(key, values, count),
    bytes,
    number,
    duration: (value) => (Number.isInteger(value) ? duration(value) : `${number(value)} s`),
  }
  const lines = (spec: DeploymentSpec): SpecLine[] => specLines(spec, words)
  return {
    lines,
    changes: (before: DeploymentSpec, after: DeploymentSpec): SpecChange[] =>
      differenceOf(lines(before), lines(after)),
  }
}
