/** Asked when the window is closed while something is transferred. */
import type { Settings } from '@shared/settings'

const texts = {
  en: {
    message: (count: number) =>
      count === 1 ? 'A transfer is still running.' : `${count} transfers are still running.`,
    detail: 'If you quit now they are interrupted. They stay in the list and can be started again.',
    stay: 'Keep running',
    quit: 'Quit',
  },
  'zh-CN': {
    message: (count: number) => `还有 ${count} 个传输正在进行。`,
    detail: '现在退出会中断它们。它们会保留在列表中，之后可以重新开始。',
    stay: '继续传输',
    quit: '退出',
  },
}

export interface QuitQuestion {
  message: string
  detail: string
  /** The first is the default and also what Escape means. */
  buttons: [stay: string, quit: string]
}

/** The question in the window's language, for `count` running jobs; null where there is nothing to ask. */
export function quitQuestion(
  count: number,
  language: Settings['language'],
  systemLocale: string,
): QuitQuestion | null {
  if (count === 0) return null
  const chosen =
    language === 'system' ? (systemLocale.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en') : language
  const text = texts[chosen]
  return { message: text.message(count), detail: text.detail, buttons: [text.stay, text.quit] }
}
