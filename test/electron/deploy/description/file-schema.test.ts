import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { DescriptionFile, descriptionSchema } from '../../../../electron/deploy/description/file-schema'
import { readDescription } from '../../../../electron/deploy/description/yaml'

const resources = join(import.meta.dirname, '../../../../resources')

it('is what resources/deployment.schema.json says; `vitest -u` writes it anew', async () => {
  const text = `${JSON.stringify(descriptionSchema(), null, 2)}\n`
  await expect(text).toMatchFileSnapshot(join(resources, 'deployment.schema.json'))
})

const published = z.fromJSONSchema(
  JSON.parse(JSON.stringify(descriptionSchema())) as z.core.JSONSchema.JSONSchema,
)

/** Whether the reader takes a file, and knows all of its keys. */
function isRead(text: string): boolean {
  try {
    return readDescription(text).unknown.length === 0
  } catch {
    return false
  }
}

it.each([
  ['name: a\nimage: b', true],
  ['name: a\nimage: b:1\nports: [80, "8080:80/udp", {container: 1, range: Inner}]', true],
  ['name: a\nimage: b\nmemory: {limit: 1Gi}\ncpu: 0.5\nhealth: none', true],
  ['name: a\nimage: b\nenvironment: {A: 1, B: {secret: true}, C: null}', true],
  ['name: a', false],
  ['image: b', false],
  ['name: a\nimage: b\ncolor: red', false],
  ['name: a\nimage: b\nports: [{container: 80, color: red}]', false],
  ['name: a\nimage: b\nports: ["80:"]\nports2: 1', false],
  ['name: a\nimage: b\nports: [0]', false],
  ['name: a\nimage: b\nports: [{host: 80}]', false],
  ['name: a\nimage: b\nmemory: lots', false],
  ['name: a\nimage: b\nhealth: {http: {path: /}}', false],
  ['name: a\nimage: b\nrestart: sometimes', false],
  ['- name: a', false],
])('agrees with the reader on %j', (text, valid) => {
  expect(isRead(text)).toBe(valid)
  expect(published.safeParse(parse(text)).success).toBe(valid)
})

it('takes the example, which shows every key', () => {
  const text = readFileSync(join(resources, 'deployment-example.yaml'), 'utf8')
  expect(published.safeParse(parse(text)).error).toBeUndefined()
  const { unknown, spec, secretsWanted, pool } = readDescription(text)
  expect(unknown).toEqual([])
  expect(secretsWanted).toEqual(['DATABASE_PASSWORD'])
  expect(pool).toBe('docker')
  expect(spec.image.reference).toBe('registry.example.com/team/shop:1.3')
  expect(spec.memory).toEqual({ limit: 512 * 2 ** 20, reservation: 256 * 2 ** 20 })
  expect(spec.command).toEqual(['serve', '--name', 'The Shop'])
  for (const key of Object.keys(DescriptionFile.shape)) expect(text).toMatch(new RegExp(`^(# )?${key}:`, 'm'))
})
