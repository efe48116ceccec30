/** Archives on disk, pushed on a machine that has no engine at all. */
import { gunzipSync } from 'node:zlib'
import { statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { byteSize } from '@/format'
import { buildImage, buildIndex, digestOf, type Image } from '../lab/oci-image'
import {
  compressed,
  layoutEntries,
  plainLayer,
  type SavedImage,
  writeDockerSave,
  writeLayout,
} from './journey/archive-files'
import {
  aim,
  answerPicker,
  blockOf,
  dropFiles,
  layerStates,
  pasteText,
  planOf,
  startAll,
} from './journey/archives'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { type RegistriesOnly, setRegistries } from './journey/registries-only'
import {
  answeredBy,
  contentIn,
  hasBlob,
  hasManifest,
  isMount,
  isUpload,
  manifestIn,
} from './journey/registry-facts'
import { addRegistry } from './journey/set-up'
import { goTo, reach, rowOf } from './journey/transfers'
import { digestInStorage, tenant } from './stage'

const base = plainLayer('base', 3.2e6)
const web: SavedImage = { reference: 'shop/web:1.0', layers: [base, plainLayer('web', 1.1e6)] }
const api: SavedImage = { reference: 'shop/api:2.0', layers: [base, plainLayer('api', 2e6, 0.5)] }

const platform = (architecture: string): Image =>
  buildImage({
    ...{ seed: `gate ${architecture}`, format: 'oci' },
    platform: { os: 'linux', architecture },
    layers: [{ size: 900_000 }, { size: 40_000, seed: 'gate all' }],
  })
const gate = buildIndex('oci', [platform('amd64'), platform('arm64')])
const tool = buildImage({ seed: 'tool', format: 'oci', layers: [{ size: 300_000 }] })
const layout = layoutEntries([
  { reference: 'registry.example/platform/gate:3.1', image: gate },
  { reference: 'registry.example/platform/tool:0.9', image: tool },
])

describe('archives without an engine', () => {
  let stage: RegistriesOnly
  let journey: Journey
  let registryId = ''

  const file = (name: string): string => stage.folder.join(name)
  const stored = (name: string, tag: string): string | null =>
    digestInStorage(stage.one, `${tenant}/${name}`, tag)
  const dropped = async (...paths: string[]): Promise<void> => {
    await goTo(journey, 'private', registryId)
    await dropFiles(journey, paths, journey.at('nav-private'))
    await journey.see('archive-facts')
  }
  const rowFor = (name: string, tag: string) => rowOf(journey, `/${name}:${tag}`)

  beforeAll(async () => {
    stage = await setRegistries()
    const { display, userData } = stage
    journey = new Journey({ display, userData, lang: 'en' })
    await journey.start()
    registryId = (await addRegistry(journey, stage.one, { name: 'Tenant images', tenant })).id
    await journey.start()
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await stage.stop()
  })

  it('lists what a dropped archive holds, and sends its images as they were saved', async () => {
    const configs = writeDockerSave(file('shop.tar'), [web, api])
    await dropped(file('shop.tar'))
    const facts = await journey.at('archive-facts').innerText()
    expect(facts).toContain(
      `docker save archive · ${byteSize(statSync(file('shop.tar')).size, 'en')} · 2 images`,
    )
    const listed = await journey.at('archive-image').allInnerTexts()
    expect(listed.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/shop\/web:1\.0 linux\/amd64 · 2 layers · 4\.3 MB/),
      expect.stringMatching(/shop\/api:2\.0 linux\/amd64 · 2 layers · 5\.2 MB/),
    ])
    for (const [image, size] of [
      [
        web,
        byteSize(
          web.layers.reduce((sum, { length }) => sum + length, 0),
          'en',
        ),
      ],
      [
        api,
        byteSize(
          api.layers.reduce((sum, { length }) => sum + length, 0),
          'en',
        ),
      ],
    ] as const) {
      const block = blockOf(journey, image.reference)
      const [name = '', tag = ''] = image.reference.slice('shop/'.length).split(':')
      expect(await block.getByTestId('composer-name').inputValue()).toBe(name)
      expect(await block.getByTestId('composer-tag').inputValue()).toBe(tag)
      expect(await planOf(block)).toContain(`${size} in 2 layers to send · linux/amd64`)
    }
    const row = await startAll(journey, '/web:1.0')
    await reach(row, 'succeeded')
    await reach(rowFor('api', '2.0'), 'succeeded')
    for (const [index, image] of [web, api].entries()) {
      const [name = '', tag = ''] = image.reference.slice('shop/'.length).split(':')
      const manifest = manifestIn(stage.one, stored(name, tag) ?? '')
      expect(manifest.config.digest, 'the very image that was saved').toBe(configs[index])
      const diffIds = manifest.layers.map(({ digest }) => digestOf(gunzipSync(contentIn(stage.one, digest))))
      expect(diffIds).toEqual(image.layers.map(digestOf))
    }
  })

  it('opens a .tar.gz by the file picker, and says what the registry has already', async () => {
    const worker = { reference: 'shop/worker:1.0', layers: [base, plainLayer('worker', 1.1e6)] }
    writeDockerSave(file('worker.tar'), [worker])
    await answerPicker(journey, [await compressed(file('worker.tar'), 'gzip')])
    await journey.click('nav-local')
    await journey.click('archive-choose')
    await journey.click('archive-choose-file')
    await journey.see('archive-facts')
    const block = blockOf(journey, 'shop/worker:1.0')
    expect(await planOf(block)).toMatch(/^1\.1 MB of 4\.3 MB to send; 1 layer is mounted/)
    const before = stage.one.accessLog().length
    const row = await startAll(journey, '/worker:1.0')
    await reach(row, 'succeeded')
    expect((await layerStates(row)).sort()).toEqual(['done', 'mounted'])
    const answered = answeredBy(stage.one).slice(before)
    expect(answered.filter(isMount)).toHaveLength(1)
    expect(stored('worker', '1.0')).toMatch(/^sha256:/)
  })

  it('opens a .tar.zst by its pasted path; what is there to the last layer is not sent', async () => {
    writeDockerSave(file('batch.tar'), [{ reference: 'shop/batch:1.0', layers: [base] }])
    await journey.click('nav-local')
    await pasteText(journey, await compressed(file('batch.tar'), 'zstd'))
    const block = blockOf(journey, 'shop/batch:1.0')
    expect(await planOf(block)).toMatch(/^0 B of 3\.2 MB to send; 1 layer is mounted/)
    const before = stage.one.accessLog().length
    const row = await startAll(journey, '/batch:1.0')
    await reach(row, 'succeeded')
    expect(await layerStates(row)).toEqual(['mounted'])
    const sent = answeredBy(stage.one).slice(before).filter(isUpload)
    const {
      config,
      layers: [layer],
    } = manifestIn(stage.one, stored('batch', '1.0') ?? '')
    expect(sent.map(({ path }) => path)).toEqual([expect.stringContaining(encodeURIComponent(config.digest))])
    expect(hasBlob(stage.one, `${tenant}/batch`, layer?.digest ?? '')).toBe(true)
  })

  it('asks before a tag is covered', async () => {
    const before = stored('web', '1.0')
    writeDockerSave(file('web-next.tar'), [{ ...web, layers: [base, plainLayer('web next', 500_000)] }])
    await dropped(file('web-next.tar'))
    await journey.see('composer-replace')
    expect(await journey.at('composer-start').isDisabled(), 'not before it is agreed to').toBe(true)
    expect(stored('web', '1.0')).toBe(before)
    await journey.click('composer-replace')
    const row = await startAll(journey, '/web:1.0')
    await reach(row, 'succeeded')
    expect(stored('web', '1.0')).not.toBe(before)
  })

  it('sends an OCI layout from a folder, its index whole', async () => {
    writeLayout(file('layout'), layout, 'folder')
    await dropped(file('layout'))
    expect(await journey.at('archive-facts').innerText()).toMatch(/^OCI layout · .* · 2 images/)
    const block = blockOf(journey, 'platform/gate:3.1')
    expect(await planOf(block)).toMatch(/in 3 layers to send · linux\/amd64, linux\/arm64/)
    const row = await startAll(journey, '/gate:3.1')
    await reach(row, 'succeeded')
    await reach(rowFor('tool', '0.9'), 'succeeded')
    expect(stored('gate', '3.1'), 'not a byte of the index was changed').toBe(gate.manifest.digest)
    expect(stored('tool', '0.9')).toBe(tool.manifest.digest)
    for (const { manifest, blobs } of gate.children) {
      expect(hasManifest(stage.one, `${tenant}/gate`, manifest.digest)).toBe(true)
      for (const { digest } of blobs) expect(hasBlob(stage.one, `${tenant}/gate`, digest)).toBe(true)
    }
  })

  it('sends the same layout from a tar to another name by mounting alone', async () => {
    writeLayout(file('layout.tar'), layout, 'tar')
    await dropped(file('layout.tar'))
    await journey.page.getByRole('checkbox', { name: /platform\/tool/ }).click()
    const plan = await aim(blockOf(journey, 'platform/gate:3.1'), 'gate-mirror', '3.1')
    expect(plan).toMatch(/^0 B of \S+ [KM]B to send; 3 layers are mounted/)
    const before = stage.one.accessLog().length
    const row = await startAll(journey, '/gate-mirror:3.1')
    await reach(row, 'succeeded')
    expect(stored('gate-mirror', '3.1')).toBe(gate.manifest.digest)
    expect(await layerStates(row)).toEqual(['mounted', 'mounted', 'mounted'])
    const answered = answeredBy(stage.one).slice(before)
    expect(answered.filter(isMount).length).toBeGreaterThanOrEqual(3)
    const configs = gate.children.map(({ blobs: [config] }) => encodeURIComponent(config?.digest ?? ''))
    const uploads = answered.filter(isUpload)
    expect(uploads.every(({ path }) => configs.some((digest) => path.endsWith(digest)))).toBe(true)
  })
})
