/** How a repository's name is shown: without the section's namespace, and without `_ownbase`, which is shown apart. */
import { splitOwnbase } from '@shared/target-name'

export interface ShownName {
  /** Path before the last component, without the namespace; '' mostly. */
  path: string
  name: string
  ownbase: boolean
}

/** `727524/team/jdk8_ownbase` in the namespace `727524` is path `team/`, name `jdk8`, ownbase. */
export function shownName(repository: string, namespace: string): ShownName {
  const inside =
    namespace !== '' && repository.startsWith(`${namespace}/`)
      ? repository.slice(namespace.length + 1)
      : repository
  const slash = inside.lastIndexOf('/')
  const { imageName, ownbase } = splitOwnbase(inside.slice(slash + 1))
  return { path: inside.slice(0, slash + 1), name: imageName, ownbase }
}
