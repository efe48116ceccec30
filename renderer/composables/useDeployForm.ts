import { computed, type ComputedRef } from 'vue'
import { useDeployDraftStore } from '@/stores/deploy-draft'
import type { DeployForm } from '@/stores/deploy-form'

/** The form that is being filled in, for the parts that are only shown while there is one. */
export function useDeployForm(): ComputedRef<DeployForm> {
  const draft = useDeployDraftStore()
  // A part that is on its way out is drawn once more after the form was forgotten.
  let last: DeployForm | null = null
  return computed(() => {
    last = draft.form ?? last
    if (!last) throw new Error('no form')
    return last
  })
}
