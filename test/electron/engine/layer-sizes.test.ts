import { describe, expect, it } from 'vitest'
import { layerSizes } from '../../../electron/engine/layer-sizes'

const entry = (CreatedBy: string, Size = 0): { CreatedBy: string; Size: number } => ({ CreatedBy, Size })
const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0)

describe('the sizes of layers', () => {
  it('come from the history, oldest first, without the entries that made no layer', () => {
    const history = [
      entry('/bin/sh -c #(nop)  LABEL b=2'),
      entry('/bin/sh -c #(nop) COPY file:1 in /big ', 60),
      entry('/bin/sh -c #(nop)  ENV A=1'),
      entry('', 20),
    ]
    expect(layerSizes(2, history, 80)).toEqual([20, 60])
  })
  it('give an empty layer to what may have made one', () => {
    const history = [
      entry('CMD ["sh"]'),
      entry('RUN /bin/sh -c touch /x # buildkit'),
      entry('ENV A=1'),
      entry('COPY a / # buildkit', 60),
      entry('WORKDIR /app'),
      entry('ADD base.tar /', 20),
    ]
    expect(layerSizes(3, history, 80)).toEqual([20, 60, 0])
    expect(layerSizes(4, history, 80)).toEqual([20, 0, 60, 0])
  })
  it('are the whole size where there is no history', () => {
    expect(layerSizes(1, [], 77)).toEqual([77])
    expect(sum(layerSizes(3, [entry('x')], 77))).toBe(77)
  })
  it('are as many as the layers and lose no byte, whatever the history says', () => {
    const history = [entry('a', 1), entry('b', 2), entry('c', 3), entry('d', 4)]
    for (const layers of [1, 2, 3, 4, 5, 9]) {
      expect(layerSizes(layers, history, 0)).toHaveLength(layers)
      expect(sum(layerSizes(layers, history, 0))).toBe(10)
    }
    expect(layerSizes(0, history, 10)).toEqual([])
  })
})
