import type { Row } from '../row'
import { pushArchive, pushArchiveAgain } from './archive'
import { catalog } from './catalog'
import { copyRegistries, retag } from './copy'
import { deploy } from './deploy'
import { engineChange } from './engine-change'
import { logs } from './logs'
import { offline } from './offline'
import { pushEngine } from './push-engine'
import { scroll } from './scroll'
import { search } from './search'
import { tags, tagsSkopeo } from './tags'
import { memory, start } from './window'

/** Every row, in the order of the report. */
export const rows: readonly Row[] = [
  ...[catalog, tags, tagsSkopeo],
  ...[pushArchive, pushArchiveAgain, copyRegistries, retag, pushEngine, engineChange, search],
  ...[deploy, logs],
  ...[offline, start, memory, scroll],
]
