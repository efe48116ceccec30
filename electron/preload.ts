/** The bridge: two functions, no logic. What may pass is decided in main (ipc.ts), never here. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { Bridge } from '@shared/contract'

const bridge: Bridge = {
  invoke: (name, input) => ipcRenderer.invoke('slipway:call', name, input),
  on: (name, listener) => {
    const forward = (_event: IpcRendererEvent, emitted: string, payload: unknown): void => {
      if (emitted === name) listener(payload)
    }
    ipcRenderer.on('slipway:event', forward)
    return () => ipcRenderer.removeListener('slipway:event', forward)
  },
}

contextBridge.exposeInMainWorld('slipway', bridge)
