import { formatReference, isDigest, pullCommand, referenceOf, shortDigest } from '@shared/reference'
import { useMessage } from 'naive-ui'
import { h } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { deployAddress } from '../deploy-address'
import { errorInfoOf } from '../call-error'
import { useJobsStore } from '../stores/jobs'
import { useRegistriesStore } from '../stores/registries'
import { useClipboard } from './useClipboard'
import { useErrorText } from './useErrorText'

/** What can be done with the images of one repository; `reference` is a tag or a digest everywhere. */
export function useImageActions(registryId: () => string, repository: () => string) {
  const { t } = useI18n()
  const router = useRouter()
  const registries = useRegistriesStore()
  const jobs = useJobsStore()
  const message = useMessage()
  const { copy } = useClipboard()
  const { message: errorText } = useErrorText()

  const host = (): string => registries.byId(registryId())?.host ?? ''
  const referenceText = (reference: string): string =>
    formatReference(referenceOf(host(), repository(), reference))
  const commandText = (reference: string): string => pullCommand(host(), repository(), reference)
  const failed = (thrown: unknown): void => void message.error(errorText(errorInfoOf(thrown)))

  /** Queues one pull for each reference. `platform` as `linux/arm64`, null for the engine's own. */
  async function pull(references: readonly string[], platform: string | null = null): Promise<void> {
    try {
      for (const reference of references) {
        await jobs.enqueue({
          kind: 'pull',
          registryId: registryId(),
          repository: repository(),
          reference,
          platform,
        })
      }
    } catch (thrown) {
      return failed(thrown)
    }
    const first = references[0] ?? ''
    const words = t(
      'browse.pull.started',
      {
        n: references.length,
        name: `${repository().split('/').at(-1)}${isDigest(first) ? '@' : ':'}${isDigest(first) ? shortDigest(first) : first}`,
      },
      references.length,
    )
    const show = (): void => void router.push({ name: 'transfers' })
    message.success(() => [words, ' ', h('a', { role: 'button', onClick: show }, t('browse.pull.show'))])
  }

  /** Opens the form that deploys it. */
  function deploy(reference: string): void {
    const image = { registryId: registryId(), repository: repository(), reference }
    void router.push(deployAddress({ kind: 'registry', ...image }))
  }

  async function copyText(text: string): Promise<void> {
    await copy(text).then(() => message.success(t('frame.copy.copied')), failed)
  }

  return { referenceText, commandText, pull, deploy, copyText }
}
