import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { bytesText } from '@/byte-text'
import { useDeployForm } from './useDeployForm'
import { useDeployDraftStore } from '@/stores/deploy-draft'

/** What is set in each folded part of the Deploy form, in a few words. */
export function useDeployNotes() {
  const { t } = useI18n()
  const draft = useDeployDraftStore()
  const form = useDeployForm()

  const joined = (parts: (string | false)[]): string => {
    const said = parts.filter((part): part is string => typeof part === 'string' && part !== '')
    return said.length > 0 ? said.join(' · ') : t('deploy.note.default')
  }

  return computed(() => {
    const { image, health, restart, debugPort, ...one } = form.value
    const spec = draft.spec
    const [volumes, files] = [spec?.volumes.length ?? 0, spec?.files.length ?? 0]
    const labels = Object.keys(spec?.labels ?? {}).length
    const networks = spec?.networks.length ?? 0
    return {
      image: joined([image.reference, t(`deploy.delivery.${image.delivery}`)]),
      storage: joined([
        volumes > 0 && t('deploy.note.volumes', { n: volumes }, volumes),
        one.diskBytes !== null && t('deploy.note.disk', { size: bytesText(one.diskBytes) }),
      ]),
      command: joined([
        one.entrypoint !== '' && one.entrypoint,
        one.command !== '' && one.command,
        one.beforeStart !== '' && t('deploy.field.beforeStart'),
        one.beforeStop !== '' && t('deploy.field.beforeStop'),
        one.stopSeconds !== null && `${one.stopSeconds} ${t('deploy.field.seconds')}`,
      ]),
      run: joined([
        one.user,
        one.workingFolder,
        `${t('deploy.field.restart')}: ${t(`deploy.restart.${restart.policy}`)}`,
        one.platform,
      ]),
      health: joined([
        t(`deploy.health.${health.kind}`),
        health.kind === 'http' && `${health.port ?? ''}${health.path}`,
        health.kind === 'tcp' && String(health.port ?? ''),
        health.kind === 'command' && health.command,
      ]),
      files: joined([files > 0 && t('deploy.note.files', { n: files }, files)]),
      network: joined([
        labels > 0 && t('deploy.note.labels', { n: labels }, labels),
        networks > 0 && t('deploy.note.networks', { n: networks }, networks),
      ]),
      debug: joined([
        debugPort.container !== null && t('deploy.note.debug', { container: debugPort.container }),
      ]),
    }
  })
}
