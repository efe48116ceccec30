import type { SpecProblem } from '@shared/deployment'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useDeployDraftStore } from '@/stores/deploy-draft'

type Planned = ReturnType<typeof useDeployDraftStore>['planned'][number]

/** Which words say what a number may be, by the end of its path. */
const ranges = [
  [/^(ports\.\d+|debugPort)\.|^health\.port$/, 'port'],
  [/^memory\.|^diskBytes$/, 'memory'],
  [/^instances$/, 'instances'],
  [/^cpu\.weight$/, 'weight'],
  [/^cpu\./, 'cpu'],
  [/Seconds$/, 'seconds'],
  [/\.mode$/, 'mode'],
  [/retries$/, 'retries'],
] as const

/** The words for what is wrong in the Deploy form, field by field. Fields that are only empty are not blamed too early. */
export function useDeployProblems() {
  const { t } = useI18n()
  const draft = useDeployDraftStore()

  function words(path: string, problem: SpecProblem): string {
    if (problem === 'number' && /^memory\.|^diskBytes$/.test(path)) return t('deploy.range.bytes')
    const range = problem === 'range' && ranges.find(([pattern]) => pattern.test(path))
    return range ? t(`deploy.range.${range[1]}`) : t(`deploy.problem.${problem}`)
  }

  const planWords = ({ problem, text }: Planned): string =>
    t(`deploy.plan.${problem}`, { text: text ?? '' }).trim()

  /** What is wrong with one field; null where nothing is. */
  function problemAt(path: string): string | null {
    const problem = draft.problems.get(path)
    if (problem && (problem !== 'required' || draft.attempted)) return words(path, problem)
    const planned = draft.planned.find((one) => one.severity === 'error' && one.path === path)
    return planned ? planWords(planned) : null
  }

  /** What is wrong with one row of a list, each once. */
  function rowProblems(list: string, key: number): string[] {
    const start = `${list}.${key}`
    const paths = [...draft.problems.keys(), ...draft.planned.map(({ path }) => path)]
    const inRow = paths.filter((path) => path === start || path.startsWith(`${start}.`))
    return [...new Set(inRow.flatMap((path) => problemAt(path) ?? []))]
  }

  const errors = computed(() => draft.planned.filter(({ severity }) => severity === 'error'))
  const warnings = computed(() => draft.planned.filter(({ severity }) => severity === 'warning'))
  const kinds = computed(() => [...draft.problems.values()])
  /** Why it cannot be deployed yet, in one line; '' where it can. */
  const obstacle = computed(() => {
    const missing = kinds.value.filter((kind) => kind === 'required').length
    const wrong = kinds.value.length - missing
    if (wrong > 0) return t('deploy.wrong', { n: wrong }, wrong)
    if (missing > 0) return t('deploy.missing', { n: missing }, missing)
    const { length } = errors.value
    return length > 0 ? t('deploy.blocked', { n: length }, length) : ''
  })

  return { problemAt, rowProblems, planWords, errors, warnings, obstacle }
}
