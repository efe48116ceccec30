import type { AppInfo } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { call } from '../api'

/** What does not change while the program runs. */
export const useAppStore = defineStore('app', () => {
  const info = shallowRef<AppInfo | null>(null)
  /** Why the window could not read what every page needs. */
  const problem = shallowRef<ErrorInfo | null>(null)
  const load = async (): Promise<void> => {
    info.value = await call('app:info', undefined)
  }
  return { info, problem, load }
})
