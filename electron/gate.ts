/** Where the window's calls come in. It stands before the window opens; what answers them may still be loading then. */
import { ipcMain, type IpcMainInvokeEvent } from 'electron'
import type { Result } from '@shared/contract'

/** Answers one call; see `createDoor`. */
export type Door = (event: IpcMainInvokeEvent, name: unknown, input: unknown) => Promise<Result<unknown>>

/** Starts to take the window's calls; each is answered once the door is there. */
export function openGate(door: Promise<Door>): void {
  ipcMain.handle('slipway:call', async (event, name: unknown, input: unknown) =>
    (await door)(event, name, input),
  )
}
