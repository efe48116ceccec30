import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import { bits, boolean, explicit, integer, octets, oid, sequence, set, time, tlv, utf8 } from './der'

export interface Certificate {
  /** PEM text, and the paths of PEM files. */
  pem: string
  der: Buffer
  key: KeyObject
  path: string
  keyPath: string
}

export interface CertificateOptions {
  /** DNS names and IPv4 addresses; 127.0.0.1 and localhost when not given. */
  names?: string[]
  notBefore?: Date
  notAfter?: Date
  /** RSA for tokens signed RS256; P-256 otherwise. */
  kind?: 'ec' | 'rsa'
  /** What it is for; a server when not given. */
  usage?: 'server' | 'client'
}

export interface CertificateAuthority extends Certificate {
  issue(name: string, options?: CertificateOptions): Certificate
}

const day = 24 * 3600_000

/** Makes a private certificate authority that keeps its files, and those of what it issues, in `folder`. */
export function makeAuthority(folder: string, name = 'Slipway lab CA'): CertificateAuthority {
  const pair = keyPair('ec')
  const subject = distinguishedName(name)
  const extensions = [
    extension('2.5.29.19', sequence(boolean(true)), true),
    extension('2.5.29.15', bits(Buffer.from([0b00000110]), 1), true),
    extension('2.5.29.14', octets(keyId(pair.publicKey))),
  ]
  const common = { issuer: subject, issuerKey: pair.privateKey }
  const der = certify({ ...common, subject, key: pair.publicKey, extensions, ...validity({}) })
  const authority = store(folder, 'ca', der, pair.privateKey)
  const issue = (file: string, options: CertificateOptions = {}): Certificate => {
    const { publicKey, privateKey } = keyPair(options.kind ?? 'ec')
    const own = certify({
      ...common,
      subject: distinguishedName(file),
      key: publicKey,
      extensions: leafExtensions(options, publicKey, pair.publicKey),
      ...validity(options),
    })
    return store(folder, file, own, privateKey, authority.pem)
  }
  return { ...authority, issue }
}

function keyPair(kind: 'ec' | 'rsa'): { publicKey: KeyObject; privateKey: KeyObject } {
  return kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

function validity({ notBefore, notAfter }: CertificateOptions): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return {
    notBefore: notBefore ?? new Date(Math.min(now, notAfter?.getTime() ?? now) - day),
    notAfter: notAfter ?? new Date(now + 30 * day),
  }
}

// The file holds the whole chain, as a server shows it; the text only the certificate itself.
function store(folder: string, file: string, der: Buffer, key: KeyObject, chain = ''): Certificate {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
  const path = join(folder, `${file}.pem`)
  const keyPath = join(folder, `${file}-key.pem`)
  writeFileSync(path, pem + chain)
  writeFileSync(keyPath, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return { pem, der, key, path, keyPath }
}

interface Draft {
  subject: Buffer
  key: KeyObject
  issuer: Buffer
  issuerKey: KeyObject
  extensions: Buffer[]
  notBefore: Date
  notAfter: Date
}

// RFC 5280 section 4.1: the signature is ecdsa-with-SHA256, as every authority here has a P-256 key.
function certify(draft: Draft): Buffer {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const serial = randomBytes(16)
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f)
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    draft.issuer,
    sequence(time(draft.notBefore), time(draft.notAfter)),
    draft.subject,
    draft.key.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...draft.extensions)),
  )
  return sequence(body, algorithm, bits(sign('sha256', body, draft.issuerKey)))
}

function leafExtensions(options: CertificateOptions, key: KeyObject, issuerKey: KeyObject): Buffer[] {
  const { names = ['127.0.0.1', 'localhost'], usage = 'server' } = options
  const alternatives = names.map((name) =>
    isIPv4(name) ? tlv(0x87, Buffer.from(name.split('.').map(Number))) : tlv(0x82, Buffer.from(name)),
  )
  return [
    extension('2.5.29.15', bits(Buffer.from([0b10000000]), 7), true),
    extension('2.5.29.37', sequence(oid(usage === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.17', sequence(...alternatives)),
    extension('2.5.29.14', octets(keyId(key))),
    extension('2.5.29.35', sequence(tlv(0x80, keyId(issuerKey)))),
  ]
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value))
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))))
}

function keyId(key: KeyObject): Buffer {
  const spki = key.export({ type: 'spki', format: 'der' })
  return createHash('sha1').update(spki).digest()
}
