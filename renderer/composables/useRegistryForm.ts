import type { ErrorInfo } from '@shared/error'
import type { Preset } from '@shared/registry'
import { canonicalHost } from '@shared/reference'
import { computed, nextTick, reactive, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { checkForm, draftsOf, formOf, newForm, splitAddress, type FormField } from '../registry-form'
import { useRegistriesStore } from '../stores/registries'
import { realmOf } from '../token-realm'
import { useAccountInput } from './useAccountInput'
import { useNextStep, type NextStepButton } from './useNextStep'
import { useProbe } from './useProbe'
import { useRegistrySave } from './useRegistrySave'

/** The form to add a registry of a preset, or to edit one: its fields, what is wrong with them, the test, and saving. */
export function useRegistryForm(registryId: string | null, preset: Preset) {
  const { t } = useI18n()
  const registries = useRegistriesStore()
  const { nextStep } = useNextStep()
  const edited = registries.byId(registryId)
  const form = reactive(edited ? formOf(edited) : named(newForm(preset)))
  const account = useAccountInput()
  const probe = useProbe()
  const saving = useRegistrySave(registryId)

  /** Names in the language that is shown; they are the user's from then on. */
  function named(fresh: ReturnType<typeof newForm>): ReturnType<typeof newForm> {
    const { companion } = fresh
    const name = t(`registry.preset.${preset}.name`)
    return {
      ...fresh,
      name,
      companion: companion && { ...companion, name: t(`registry.preset.${preset}.companion`) },
    }
  }

  const issues = computed(() => checkForm(form))
  const touched = reactive(new Set<FormField>())
  const touch = (field: FormField): void => void touched.add(field)
  /** The words for what is wrong with a field, once the user has been there. */
  const problem = (field: FormField): string | null => {
    const found = issues.value[field]
    return found && touched.has(field) ? t(`registry.problem.${found}`) : null
  }

  /** A pasted link becomes host and protocol. */
  function tidyHost(): void {
    const { host, protocol } = splitAddress(form.host)
    form.host = host
    if (protocol) form.protocol = protocol
    touch('host')
  }

  const accountMissing = ref(false)
  watch([account.username, account.password], () => void (accountMissing.value = false))
  // What was tested, and what failed, is not what the form holds any more.
  watch(
    () => draftsOf(form),
    () => {
      probe.clear()
      saving.error.value = null
    },
  )

  function mayGo(): boolean {
    tidyHost()
    for (const field of Object.keys(issues.value) as FormField[]) touched.add(field)
    return Object.keys(issues.value).length === 0
  }

  async function test(): Promise<void> {
    if (!mayGo()) return
    await nextTick()
    const { main } = draftsOf(form)
    const saved = registries.byId(saving.mainId.value)
    const sameHost = saved !== null && canonicalHost(saved.host) === canonicalHost(main.host)
    const { username, password } = account.take()
    await probe.start(
      sameHost ? saved.id : null,
      main,
      account.complete.value ? { username, password } : null,
    )
  }

  /** Saves, and signs in where an account was typed; true when all of it is done. */
  async function submit(): Promise<boolean> {
    accountMissing.value = account.begun.value && !account.complete.value
    if (!mayGo() || accountMissing.value) return false
    await nextTick()
    const done = await saving.save(form, account.complete.value ? account.take() : null)
    account.sent(saving.error.value)
    return done
  }

  const askedRealm = ref<string | null>(null)
  /** The form's own ways out of an error: they change a field here, where others would leave the form. */
  function step(error: ErrorInfo, ways: { look: () => void; again: () => void }): NextStepButton | null {
    const button = (name: NextStepButton['step'], label: string, run: () => void): NextStepButton => ({
      step: name,
      label,
      run,
    })
    const realm = realmOf(error)
    if (realm && saving.mainId.value) {
      return button(
        'confirm-realm',
        t('error.panel.step.confirm-realm'),
        () => void (askedRealm.value = realm),
      )
    }
    switch (error.code) {
      case 'TLS_UNTRUSTED':
        return button('trust-certificate', t('registry.probe.look'), ways.look)
      case 'TLS_EXPECTED_HTTP':
        return button('edit-registry', t('registry.probe.useHttp'), () => void (form.protocol = 'http'))
      case 'HTTP_EXPECTED_TLS':
        return button('edit-registry', t('registry.probe.useHttps'), () => void (form.protocol = 'https'))
      case 'KEYCHAIN_UNAVAILABLE':
        return button('session-only', t('error.panel.step.session-only'), () => {
          account.sessionOnly.value = true
          ways.again()
        })
      default:
        return keepsForm(nextStep(error, ways.again))
    }
  }

  return {
    form,
    edited,
    account,
    accountMissing,
    probe,
    saving,
    problem,
    issues,
    touch,
    tidyHost,
    test,
    submit,
    step,
    askedRealm,
  }
}

/** Steps that would replace the form by another dialog are left out: what they change is in the form. */
function keepsForm(button: NextStepButton | null): NextStepButton | null {
  return button?.step === 'retry' ? button : null
}
