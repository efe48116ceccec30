import { useDialog } from 'naive-ui'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'

/** Asks before the page is left while what was typed in it would be lost; staying is what Enter and Esc mean. */
export function useLeaveQuestion(dirty: () => boolean): void {
  const { t } = useI18n()
  const dialog = useDialog()

  function ask(): boolean | Promise<boolean> {
    if (!dirty()) return true
    return new Promise((answer) => {
      dialog.warning({
        title: t('deploy.leave.title'),
        content: t('deploy.leave.text'),
        positiveText: t('deploy.leave.stay'),
        negativeText: t('deploy.leave.go'),
        positiveButtonProps: { type: 'primary' },
        autoFocus: true,
        maskClosable: false,
        onPositiveClick: () => answer(false),
        onNegativeClick: () => answer(true),
        onClose: () => answer(false),
        onEsc: () => answer(false),
      })
    })
  }
  onBeforeRouteLeave(ask)
  onBeforeRouteUpdate(ask)
}
