import { CatalogReader } from './catalog'
import { ImageReader } from './image'
import { RepositoryReader, type ReaderOptions } from './repository'

/** The three readers over one cache, with what has to be done to all of them. */
export class Browse {
  readonly catalogs: CatalogReader
  readonly repositories: RepositoryReader
  readonly images: ImageReader

  constructor(options: ReaderOptions) {
    this.catalogs = new CatalogReader(options)
    this.repositories = new RepositoryReader(options)
    this.images = new ImageReader(options)
  }

  /** A push or a delete went through: the repository is listed at once, and its tags are read again. */
  async noteChanged(registryId: string, repository: string, tag?: string): Promise<void> {
    this.catalogs.noteRepository(registryId, repository)
    await this.repositories.noteChanged(registryId, repository, tag)
  }

  /** Ends what runs for a registry that was removed, then forgets all that it ever answered. */
  async forgetRegistry(registryId: string): Promise<void> {
    await Promise.all([this.repositories.forgetRegistry(registryId), this.images.forgetRegistry(registryId)])
    await this.catalogs.forgetRegistry(registryId)
  }

  /** Ends everything that runs; the cache may be closed after it. */
  async stop(): Promise<void> {
    await Promise.all([this.catalogs.stop(), this.repositories.stop(), this.images.stop()])
  }
}
