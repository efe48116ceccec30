import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { JsonObjects, objectLimit } from '../../../electron/engine/json-stream'

const read = (...chunks: (string | Buffer)[]): unknown[] => {
  const objects = new JsonObjects()
  const found = chunks.flatMap((chunk) => objects.push(Buffer.from(chunk)))
  objects.end()
  return found
}

describe('an engine stream', () => {
  it('gives its objects whatever stands between them', () => {
    expect(read('{"a":1}\r\n{"a":2}\n\n{"a":3}{"a":4} {"a":5}')).toEqual([1, 2, 3, 4, 5].map((a) => ({ a })))
  })
  it('is not misled by braces, quotes and backslashes inside texts', () => {
    const values = [{ a: '}{"\\' }, { b: { c: ['{', { d: '\\"}' }] } }]
    expect(read(values.map((value) => JSON.stringify(value)).join(''))).toEqual(values)
  })
  it('gives the same objects wherever its bytes are cut', () => {
    const values = [{ status: '推送中 ✓ 👩‍🚀', id: 'é' }, { x: '"}\n{"' }, {}]
    const bytes = Buffer.from(values.map((value) => JSON.stringify(value)).join('\r\n'))
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
        expect(read(...chunks)).toEqual(values)
      }),
    )
  })
  it('that is no stream of objects fails', () => {
    expect(() => read('<html>proxy error</html>')).toThrow(
      expect.objectContaining({ code: 'ENGINE_FAILED', detail: expect.stringContaining('<html>') }),
    )
    expect(() => read('{"a":1}}')).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
    expect(() => read('{broken}')).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
  })
  it('that ends inside an object was lost', () => {
    expect(() => read('{"status":"Pu')).toThrow(expect.objectContaining({ code: 'ENGINE_LOST' }))
  })
  it('with an object that never ends is given up, with bounded memory', () => {
    const objects = new JsonObjects()
    const chunk = Buffer.from(`{"a":"${'x'.repeat(objectLimit)}`)
    expect(() => objects.push(chunk)).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
  })
})
