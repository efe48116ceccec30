import type { UploadSession } from './upload-session'

export interface UploadStreamOptions {
  /**
   * Stops the upload with CANCELLED. What is under way is ended cleanly first, for at most `timing.ending`, so that the
   * registry keeps every byte that it got; the session stays, and it is `abortUpload` that takes it away.
   */
  signal?: AbortSignal
  /** Where an earlier run came to. */
  session?: UploadSession | null
  /** The session as it is now, to be kept before the next step; null where there is none any more. */
  onSession?(session: UploadSession | null): void
  /** Bytes that are held or on their way; goes down where some have to be sent again. */
  onBytes?(offset: number): void
  /** Most bytes that one request carries, and so most that a cut makes us send again; 32 MiB when not given. */
  chunkBytes?: number
}

export interface StreamedBlob {
  digest: string
  size: number
  /** Bytes that were put on the wire, those sent twice included. */
  sent: number
}
