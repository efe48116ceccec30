import type { ErrorInfo } from '@shared/error'
import { visibleText } from '@shared/visible-text'
import { useI18n } from 'vue-i18n'
import { realmOf } from '../token-realm'

/** What a far side named, on one line and with nothing hidden in it; at most 200 characters stay. */
const plain = (text: string): string => visibleText(text.slice(0, 200).replace(/\s+/g, ' '))

/** Chinese has no spaces between characters: those around a stand-in ("镜像仓库") go. */
const joinHan = (text: string): string =>
  text.replace(/(?<=[\p{Script=Han}，：。])\s+(?=[\p{Script=Han}，：。])/gu, '')

/** Without an account "was not accepted" is misleading, and so is "confirm it" where that would not help. */
function keyOf(error: ErrorInfo) {
  const { code, context } = error
  if (code === 'REALM_REFUSED' && realmOf(error) === null) return `error.otherwise.${code}` as const
  const aboutAccount = code === 'UNAUTHORIZED' || code === 'DENIED' || code === 'CREDENTIAL_MISSING'
  return aboutAccount && !context.account ? (`error.otherwise.${code}` as const) : (`error.${code}` as const)
}

/** The words for an error in the language that is shown: what happened, and what to do. Both are plain text. */
export function useErrorText() {
  const { t } = useI18n()

  function values({ context }: ErrorInfo): Record<string, string> {
    const { repository, tag, digest, retryAfterSeconds: seconds } = context
    const name = repository && `${repository}${tag ? `:${tag}` : digest ? `@${digest}` : ''}`
    return {
      host: plain(context.host ?? '') || t('error.panel.some.host'),
      reference: plain(context.reference ?? name ?? '') || t('error.panel.some.reference'),
      repository: plain(repository ?? '') || t('error.panel.some.repository'),
      account: plain(context.account ?? '') || t('error.panel.some.account'),
      tag: plain(tag ?? '') || t('error.panel.some.tag'),
      pool: plain(context.pool ?? '') || t('error.panel.some.pool'),
      deployment: plain(context.deployment ?? '') || t('error.panel.some.deployment'),
      port: plain(context.port ?? '') || t('error.panel.some.port'),
      exitCode: context.exitCode === undefined ? t('error.panel.some.exitCode') : String(context.exitCode),
      wait: seconds
        ? t('error.panel.seconds', { n: Math.ceil(seconds) }, Math.ceil(seconds))
        : t('error.panel.some.wait'),
    }
  }

  function textOf(error: ErrorInfo, part: 'message' | 'hint'): string {
    return joinHan(t(`${keyOf(error)}.${part}`, values(error)))
  }

  return {
    message: (error: ErrorInfo): string => textOf(error, 'message'),
    hint: (error: ErrorInfo): string => textOf(error, 'hint'),
  }
}
