import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Every file below a folder, by its path. */
export function keptFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return keptFiles(path)
    return entry.isFile() ? [path] : []
  })
}

/** A password in every form in which it may have been written down, each as bytes that were read as latin1. */
export function encodingsOf(name: string, password: string): [encoding: string, text: string][] {
  const bytes = Buffer.from(password)
  const pair = Buffer.from(`${name}:${password}`)
  const wide = Buffer.from(password, 'utf16le')
  return [
    ['raw', bytes.toString('latin1')],
    ['UTF-16', wide.toString('latin1')],
    ['JSON', JSON.stringify(password).slice(1, -1)],
    ['base64', bytes.toString('base64').replace(/=+$/, '')],
    ['base64url', bytes.toString('base64url')],
    ['base64 of name and password', pair.toString('base64').replace(/=+$/, '')],
    ['base64url of name and password', pair.toString('base64url')],
    ['percent', encodeURIComponent(password)],
    ['form', new URLSearchParams({ password }).toString().slice('password='.length)],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
  ]
}
