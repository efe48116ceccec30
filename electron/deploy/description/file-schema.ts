/** The description file as a person writes it: the deployment's model with short forms. resources/deployment.schema.json is made of it. */
import { z } from 'zod'
import { secondsPattern, sizePattern } from './amount'

const said = <T extends z.ZodType>(schema: T, description: string): T => schema.meta({ description })
const Text = z.union([z.string(), z.number(), z.boolean()])
const Port = z.number().int().min(1).max(65_535)
const Size = said(
  z.union([z.number().positive(), z.string().regex(sizePattern, 'a size such as 512Mi')]),
  'A size: 512Mi, 2Gi, 500MB, 1000B. A number alone counts MiB.',
)
const Time = said(
  z.union([z.number().min(0), z.string().regex(secondsPattern, 'a time such as 10s')]),
  'A time: 10s, 500ms, 2m, 1h. A number alone counts seconds.',
)
const Words = said(
  z.union([z.string(), z.array(z.string())]),
  'A list of words, or one text that is split into words as a shell does.',
)
const Cores = z.number().min(0.01)

/** `8080`, `8080:80`, `127.0.0.1:8080:80`, each with `/udp` or `/tcp` behind. */
export const portPattern = /^(?:(127\.0\.0\.1|0\.0\.0\.0):)?(?:(\d{0,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/
/** `name:/path`, `/folder:/path`, `/path`, each with `:ro` or `:rw` behind. */
export const volumePattern = /^(?:([^:]+):)?(\/[^:]*)(?::(ro|rw))?$/

// A JSON Schema's pattern has no flags: both cases of every letter are spelt out.
const AnyCase = (...values: string[]): z.ZodString => {
  const forms = values.map((value) =>
    value.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`),
  )
  return z.string().regex(new RegExp(`^(${forms.join('|')})$`), values.join(' | '))
}

const PortEntry = z.union([
  said(Port, 'The port in the container; the host’s is chosen by the engine.'),
  said(
    z.string().regex(portPattern, 'a port such as 8080:80'),
    'As docker has it: 80, 8080:80, 127.0.0.1:8080:80/udp.',
  ),
  z.object({
    container: said(Port, 'The port in the container.'),
    host: said(Port.nullish(), 'The port of the host; absent: the engine chooses a free one.'),
    protocol: said(AnyCase('tcp', 'udp').optional(), 'tcp (the standard) or udp.'),
    access: said(
      AnyCase('http', 'https', 'tcp').optional(),
      'How it is spoken to; http and https open in the browser. Absent: guessed by its number.',
    ),
    range: said(
      AnyCase('outer', 'inner', 'all', 'local').optional(),
      'Where it is reached from: outer or all (the standard), every address of the host; inner or local, the host itself only.',
    ),
  }),
])

const EnvironmentEntry = z.union([
  Text,
  z.null(),
  z.object({
    value: Text.nullish(),
    secret: said(z.boolean().optional(), 'Its value is typed in Slipway and kept in the keychain, not here.'),
  }),
])

const VolumeEntry = z.union([
  said(
    z.string().regex(volumePattern, 'a volume such as data:/var/data:ro'),
    'data:/var/data, /srv/www:/www:ro, or /cache alone.',
  ),
  z.object({
    volume: said(z.string().nullish(), 'A named volume; absent with folder absent: an anonymous one.'),
    folder: said(z.string().nullish(), 'A folder of the host.'),
    path: said(z.string(), 'Where it is in the container.'),
    readOnly: z.boolean().optional(),
  }),
])

const timing = {
  start: said(Time.optional(), 'Failures do not count before this. Standard: 0.'),
  interval: said(Time.optional(), 'Standard: 10s.'),
  timeout: said(Time.optional(), 'Standard: 5s.'),
  retries: said(
    z.number().int().min(1).max(1000).optional(),
    'Failures in a row that are one too many. Standard: 3.',
  ),
}
const Health = z.union([
  said(z.enum(['image', 'none']), 'image (the standard): as the image says; none: not asked.'),
  z.object({ command: said(z.string(), 'Run in the container by its shell.'), ...timing }),
  z.object({
    http: said(z.object({ port: Port, path: z.string().optional() }), 'Asked inside the container.'),
    ...timing,
  }),
  z.object({ tcp: said(z.object({ port: Port }), 'Asked inside the container.'), ...timing }),
])

const Policy = z.enum(['no', 'on-failure', 'always', 'unless-stopped'])

export const DescriptionFile = z.object({
  name: said(z.string(), 'Lower-case letters, digits and dashes, at most 50.'),
  image: said(z.string(), 'host/repository:tag, or the name of a local image.'),
  version: said(z.union([z.string(), z.number()]).optional(), 'A tag, instead of the one in image.'),
  digest: said(z.string().nullish(), 'sha256:...; pins the image. Absent: what the tag names at the time.'),
  delivery: said(
    z.enum(['pull', 'send', 'present']).optional(),
    'pull (the standard): the engine pulls it; send: Slipway sends it; present: it is there.',
  ),
  platform: said(z.string().nullish(), 'linux/arm64; absent: the pool’s own.'),
  pool: said(z.string().optional(), 'The name of the pool; it may be chosen anew in the form.'),
  instances: said(z.number().int().min(0).max(1000).optional(), 'Standard: 1.'),
  ports: z.array(PortEntry).optional(),
  cpu: said(
    z
      .union([
        Cores,
        z.object({
          limit: Cores.nullish(),
          reservation: Cores.nullish(),
          weight: said(
            z.number().int().nullish(),
            'Against other containers when CPUs are busy; docker’s is 1024.',
          ),
        }),
      ])
      .optional(),
    'Cores: a limit, or an object.',
  ),
  memory: said(
    z.union([Size, z.object({ limit: Size.nullish(), reservation: Size.nullish() })]).optional(),
    'A limit, or an object.',
  ),
  disk: Size.optional(),
  environment: said(z.record(z.string(), EnvironmentEntry).optional(), 'Variables by name.'),
  volumes: z.array(VolumeEntry).optional(),
  command: said(Words.nullish(), 'Instead of the image’s own.'),
  entrypoint: said(Words.nullish(), 'Instead of the image’s own; it takes the image’s command away too.'),
  beforeStart: said(z.string().nullish(), 'Run by /bin/sh in the container before its command.'),
  beforeStop: said(z.string().nullish(), 'Run by /bin/sh in the container before Slipway stops it.'),
  user: said(z.union([z.string(), z.number()]).nullish(), 'A user, or user:group, by name or number.'),
  workingFolder: z.string().nullish(),
  restart: said(
    z.union([Policy, z.object({ policy: Policy, retries: z.number().int().nullish() })]).optional(),
    'Standard: unless-stopped.',
  ),
  health: Health.optional(),
  stop: said(Time.nullish(), 'From the request to stop to the kill; absent: the engine’s 10s.'),
  labels: z.record(z.string(), Text).optional(),
  networks: z.array(z.string()).optional(),
  files: z
    .array(
      z.object({
        path: said(z.string(), 'Where it is in the container.'),
        content: z.string(),
        mode: said(z.string().optional(), 'Octal, in quotes. Standard: "0644".'),
      }),
    )
    .optional(),
  debugPort: said(
    z.union([Port, z.object({ container: Port, host: Port.nullish() })]).optional(),
    'A port for a debugger, published on the host itself only.',
  ),
})
export type DescriptionFile = z.infer<typeof DescriptionFile>

/** The JSON Schema of the description file, for editors; resources/deployment.schema.json holds it. */
export function descriptionSchema(): object {
  return {
    title: 'Slipway deployment',
    ...z.toJSONSchema(DescriptionFile, {
      target: 'draft-7',
      io: 'input',
      override: ({ jsonSchema }) => {
        if (jsonSchema.type === 'object' && jsonSchema.properties) jsonSchema.additionalProperties = false
      },
    }),
  }
}
