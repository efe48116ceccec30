import type { Case } from '../case'
import { archiveBombs, archiveCases } from './archives'
import { bombCases } from './bombs'
import { configCases } from './configs'
import { listingCases } from './listings'
import { manifestCases } from './manifests'
import { redirectCases } from './redirects'
import { securedCases } from './secured'
import { tokenCases } from './tokens'
import { wireCases } from './wires'

/** All that strangers may try, each with a name of its own. */
export const cases: readonly Case[] = [
  ...[...manifestCases, ...configCases, ...wireCases, ...listingCases],
  ...[...redirectCases, ...tokenCases, ...securedCases],
  ...[...archiveCases, ...bombCases, ...archiveBombs],
]
