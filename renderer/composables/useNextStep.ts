import { nextSteps, type ErrorInfo, type NextStep } from '@shared/error'
import { canonicalHost } from '@shared/reference'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { realmOf } from '../token-realm'
import { useDialogsStore } from '../stores/dialogs'
import { useRegistriesStore } from '../stores/registries'

/** One button that helps against an error. */
export interface NextStepButton {
  step: NextStep | 'confirm-realm'
  label: string
  run: () => void
}

/** Finds the button for an error: its next step as shared/error.ts names it, where there is all that it needs. */
export function useNextStep() {
  const { t } = useI18n()
  const router = useRouter()
  const dialogs = useDialogsStore()
  const registries = useRegistriesStore()

  /** The registry that an error is about: by id, or else by host where only one has it. */
  function registryIdOf({ context }: ErrorInfo): string | null {
    if (context.registryId) return registries.byId(context.registryId)?.id ?? null
    const { host } = context
    if (!host) return null
    const found = registries.registries.filter((registry) => registry.host === canonicalHost(host))
    return found.length === 1 ? (found[0]?.id ?? null) : null
  }

  function action(error: ErrorInfo, step: NextStep, retry: (() => void) | undefined): (() => void) | null {
    const id = registryIdOf(error)
    switch (step) {
      case 'none':
        return null
      case 'retry':
      case 'refresh':
        return retry ?? null
      case 'sign-in':
        return id ? () => dialogs.signIn(id, { username: error.context.account ?? null }) : null
      case 'session-only':
        return id
          ? () => dialogs.signIn(id, { username: error.context.account ?? null, sessionOnly: true })
          : null
      case 'edit-registry':
        return id ? () => dialogs.editRegistry(id) : null
      case 'trust-certificate':
        return id ? () => dialogs.showCertificate(id) : null
      case 'add-repository':
        return id ? () => dialogs.addRepository(id) : null
      case 'start-engine':
        return () => dialogs.explainEngineStart()
      case 'open-settings':
        return () => void router.push('/settings/engine')
    }
  }

  /** The button for an error, or null: then Retry, where the caller has one, is all there is. */
  function nextStep(error: ErrorInfo, retry?: () => void): NextStepButton | null {
    const realm = realmOf(error)
    const id = registryIdOf(error)
    if (realm && id) {
      return {
        step: 'confirm-realm',
        label: t('error.panel.step.confirm-realm'),
        run: () => dialogs.confirmRealm(id, realm),
      }
    }
    const step = nextSteps[error.code]
    const run = action(error, step, retry)
    return run && { step, label: t(`error.panel.step.${step}`), run }
  }

  return { nextStep }
}
