import { useMessage } from 'naive-ui'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useAsync } from './useAsync'
import { useDeployDraftStore } from '@/stores/deploy-draft'

/** As much as main reads of a description. */
const largest = 2_000_000

/** The ways in which a description file fills the Deploy form: chosen, dropped on it, pasted. */
export function useDescriptionFile() {
  const { t } = useI18n()
  const message = useMessage()
  const draft = useDeployDraftStore()
  const hovering = ref(false)
  const pasting = ref(false)

  const taken = (): void => void message.success(t('deploy.file.taken'))
  const choosing = useAsync(async () => {
    if (await draft.openDescription()) taken()
  })
  const reading = useAsync(async (file: File) => {
    if (file.size > largest) return void message.error(t('deploy.file.tooLarge'))
    await draft.readDescription(await file.text())
    taken()
  })

  const ofFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

  /** Files that are dropped on the form are for the form; archives go anywhere else. */
  const drop = {
    over(event: DragEvent): void {
      if (!ofFiles(event)) return
      event.preventDefault()
      event.stopPropagation()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
      hovering.value = true
    },
    leave(event: DragEvent): void {
      const { currentTarget, relatedTarget } = event
      const inside = currentTarget instanceof Node && relatedTarget instanceof Node
      if (!inside || !currentTarget.contains(relatedTarget)) hovering.value = false
    },
    done(event: DragEvent): void {
      hovering.value = false
      const file = event.dataTransfer?.files[0]
      if (!ofFiles(event)) return
      event.preventDefault()
      event.stopPropagation()
      if (file) void reading.run(file)
    },
  }

  return { hovering, pasting, choosing, reading, drop, taken }
}
