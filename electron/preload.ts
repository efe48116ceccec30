/** The bridge: three functions, no logic. What may pass is decided in main (ipc.ts), never here. */
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import type { Bridge } from '@shared/contract'

type DroppedFile = Parameters<typeof webUtils.getPathForFile>[0]

/** Electron before 29 has no webUtils; there a file knows its path itself. What is no file has none. */
function pathOf(file: unknown): string {
  if (!(file instanceof File)) return ''
  const known: unknown =
    (webUtils as typeof webUtils | undefined)?.getPathForFile(file as DroppedFile) ??
    (file as { path?: unknown } | null)?.path
  return typeof known === 'string' ? known : ''
}

const bridge: Bridge = {
  invoke: (name, input) => ipcRenderer.invoke('slipway:call', name, input),
  on: (name, listener) => {
    const forward = (_event: IpcRendererEvent, payload: unknown): void => listener(payload)
    ipcRenderer.on(`slipway:event:${name}`, forward)
    // Nothing is answered: what removeListener answers is ipcRenderer itself, with every channel there is.
    return () => void ipcRenderer.removeListener(`slipway:event:${name}`, forward)
  },
  pathOf,
}

contextBridge.exposeInMainWorld('slipway', bridge)
