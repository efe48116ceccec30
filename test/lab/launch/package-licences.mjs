import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './place.mjs'

const isLicence = (name) => /^(licen[cs]es?|copying|notice)([.-]|$)/i.test(name)

/** The licences of all packages that go into the program, bundled ones too, as one text. */
export function packageLicences() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(lock)
    .filter(([place, entry]) => place !== '' && !entry.dev && !entry.devOptional)
    .flatMap(([place]) => licenceOf(place) ?? [])
    .join(`\n\n${'-'.repeat(80)}\n\n`)
}

/** Null where it is not installed, as what is for other systems. */
function licenceOf(place) {
  const folder = join(root, place)
  let names
  try {
    names = readdirSync(folder)
  } catch {
    return null
  }
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = names.filter(isLicence).map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license ?? 'see its text'})`, ...texts].join('\n\n')
}
