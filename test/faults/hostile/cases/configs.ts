import type { ErrorCode } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import { sha256 } from '../../../support/registry/in-process-registry'
import { plain } from '../../../support/registry/test-server'
import type { Case } from '../case'
import { configOf, manifest, put } from './manifests'

// What a digest names is kept once for all registries: this one is nobody else's.
const config = Buffer.from('{"os":"linux","architecture":"s390x"}')
const other = Buffer.from('{"os":"linux","architecture":"ppc64le"}')

/** A config that comes as these bytes under a proper manifest: its manifest is shown, and its own row says why not. */
const refused = (
  name: string,
  sent: Buffer,
  codes: ErrorCode[],
  descriptor: object = configOf(sent),
): Case => ({
  name: `config: ${name}`,
  async run(scene) {
    const party = await scene.registry()
    scene.honest.add(party.id)
    put(party, manifest({ config: descriptor, layers: [] }))
    party.server.on('GET', /\/blobs\//, plain(200, {}, sent))
    const { variants } = await scene.image(party)
    scene.expect(variants[0]?.error, ...codes)
    scene.check(variants[0]?.image === null, 'falseSuccess', 'it is shown')
  },
})

const described = { mediaType: mediaTypes.ociConfig, digest: sha256(config), size: config.length }
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export const configCases: Case[] = [
  refused('longer than its size', Buffer.concat([config, Buffer.of(32)]), ['SIZE_MISMATCH'], described),
  refused('shorter than its size', config.subarray(1), ['SIZE_MISMATCH'], described),
  refused('of its size, yet another', Buffer.alloc(config.length, 32), ['DIGEST_MISMATCH'], described),
  refused('3 GB are declared', other, ['RESPONSE_TOO_LARGE'], { ...configOf(other), size: 3e9 }),
  refused('5 MB where 4 MB are allowed', Buffer.alloc(5_000_000, 32), ['RESPONSE_TOO_LARGE']),
  refused('no JSON', Buffer.from('os: linux'), ['RESPONSE_INVALID']),
  refused('a list', json([1]), ['RESPONSE_INVALID']),
  refused('100,000 lists deep', Buffer.from('['.repeat(100_000)), ['RESPONSE_INVALID']),
  refused('a key __proto__', Buffer.from('{"os":"linux","config":{"Labels":{"__proto__":"x"}}}'), [
    'RESPONSE_INVALID',
  ]),
  refused('a byte order mark', Buffer.concat([Buffer.from('efbbbf', 'hex'), config]), ['RESPONSE_INVALID']),
  refused('broken UTF-8', Buffer.from('{"os":"\xff"}', 'latin1'), ['RESPONSE_INVALID']),
  refused('diff_ids with a path', json({ rootfs: { type: 'layers', diff_ids: ['sha256:../../x'] } }), [
    'RESPONSE_INVALID',
  ]),
  refused(
    '20,000 diff_ids',
    json({ rootfs: { type: 'layers', diff_ids: Array.from({ length: 20_000 }, () => sha256('x')) } }),
    ['RESPONSE_INVALID'],
  ),
  refused('an architecture that is an object', json({ architecture: {} }), ['RESPONSE_INVALID']),
]
