import { isTag } from '@shared/reference'
import type { Log } from '../log'
import type { RequestOptions } from './endpoint'
import { checkRepository } from './name'
import { listPages, type Page } from './pages'
import { repositoryScope } from './scope'
import type { Caller } from './session'

const pageSize = 1000

/** Lists a repository's tags. NAME_UNKNOWN where the registry does not know it. */
export async function* listTags(
  caller: Caller,
  log: Log,
  repository: string,
  options: RequestOptions = {},
): AsyncGenerator<Page, void> {
  checkRepository(repository)
  yield* listPages(
    caller,
    {
      path: `/v2/${repository}/tags/list`,
      field: 'tags',
      isName: isTag,
      scopes: [repositoryScope(repository, 'pull')],
      pageSize,
      context: { side: 'registry', repository },
      options,
      refuse: (answer) => answer.refusal('NAME_UNKNOWN'),
    },
    log,
  )
}
