/** Inputs that a schema of the contract takes, made from the schema itself. */
import fc from 'fast-check'
import type { z } from 'zod'
import { anyJson, anyText } from './texts'

/** What the walker reads of a schema; zod gives it no type. */
interface Definition {
  type: string
  shape?: Record<string, z.ZodType>
  element?: z.ZodType
  innerType?: z.ZodType
  options?: z.ZodType[]
  entries?: Record<string, string>
  values?: unknown[]
  keyType?: z.ZodType
  valueType?: z.ZodType
  in?: z.ZodType
}

/** Texts of a kind, by the name of the field: without them hardly an input would be taken. */
export type Known = Record<string, fc.Arbitrary<unknown>>

/** Arbitrary inputs for a schema; most are valid, as far as fields are known by their names. */
export function inputsOf(schema: z.ZodType, known: Known, field = ''): fc.Arbitrary<unknown> {
  const { type, ...parts } = (schema as unknown as { _zod: { def: Definition } })._zod.def
  const below = (inner: z.ZodType | undefined, name = field): fc.Arbitrary<unknown> =>
    inner ? inputsOf(inner, known, name) : anyJson
  const named = known[field]
  switch (type) {
    case 'undefined':
      return fc.constant(undefined)
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(parts.shape ?? {}).map(([name, inner]) => [name, below(inner, name)]),
        ),
      )
    case 'array':
      return fc.array(below(parts.element), { maxLength: 3 })
    case 'record':
      return fc.dictionary(fc.stringMatching(/^[A-Za-z.]{1,8}$/), below(parts.valueType), { maxKeys: 3 })
    case 'nullable':
      return fc.option(below(parts.innerType), { nil: null })
    case 'optional':
      return fc.option(below(parts.innerType), { nil: undefined })
    case 'union':
      return fc.oneof(...(parts.options ?? []).map((option) => below(option)))
    case 'enum':
      return fc.constantFrom(...Object.values(parts.entries ?? {}))
    case 'literal':
      return fc.constantFrom(...(parts.values ?? []))
    case 'boolean':
      return fc.boolean()
    case 'number':
      return named ?? fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0, 1, 8080, 1e9))
    case 'string':
      return named ?? fc.oneof(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), anyText)
    case 'pipe':
      return below(parts.in)
    default:
      return below(parts.innerType)
  }
}
