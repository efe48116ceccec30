/** Frames of zstd, whole and broken, and blocks whose sequences say anything. */
import fc from 'fast-check'
import { bentBytes } from './texts'

const frameStart = Buffer.from('28b52ffd0040', 'hex')

/** A frame of one compressed block. */
export function frameOf(block: Buffer): Buffer {
  const header = Buffer.alloc(3)
  header.writeUIntLE((block.length << 3) | (2 << 1) | 1, 0, 3)
  return Buffer.concat([frameStart, header, block])
}

/** By `zstd -3` and `-19 --no-check`: text with repetitions, so that there are sequences with tables of their own. */
const samples = [
  [
    'KLUv/QRYrQoAQooeG4ClbQPARKzQqN6+t43IwNSFdAttyUQCRxj0EEJBpB40M5+Yycd8X356veQ73vmY3aKJeHjIfIzZXcMv',
    'elAVV5/nW77Mq3o8PLqsWb7IitbKOISCSD0IBCADUIgljRA2KGSDdHSyDEsW6oEmsIWKZauglyFLiJ21Mo5tqBG+5/7fAcBi',
    'kETdEpiCokgUREGE4P+Pq+vYoAC77V2AemsUkyiSQs9RGrZ+CPLRH75CAJeuAOo7qtW+5RPvCmmiHceK3XfCF9kfOktI+O5g',
    'v0J1vQ7feJ40NwFtrmfzkZ84XNi2lxOR4ifrZMfnIAUxp7V5bAQxIyF6USOU6Gk5BzIZH/Hqjm9Tw6TlWlesl7Jt7JRDmuoL',
    'nIQeb/MnZQEwPz1oXTSnDxDB7y0719x2ypafm/drp2ykEZpVM2PEAgak6/VJNKTgnLIdD5z3Wo+nQ/CbcxUwoko0',
  ].join(''),
  [
    'KLUv/QBo1QsAlpM0F4BNG4AcWQPBCs1lQm1HUcimxCRMLtETMQApACsAT8Rcuqyb1DdZE0iQo42CYDcwzUHdIGcw7IJjaagp',
    'BzXWTj/XWNKuRd2O3dEcXjPKEnuVqpqSn+pPlYl5zFxG5KVL4AsrrPoKiq90aaoi6iZ94vVVVz8nb6pmrN3TTrMGnbI06abE',
    '+rQpkzomZlyKwhP3iOqoV0xn/Dfz6vjErEtXyLWIAYvC9KHyXiVdtgjE4mmo9vKRvA3q5QiOMcYhTUPXMMMhCbAoTN+vrjmO',
    'XeuoXUsCWahxOA13/88QKRypHRJoEIBAGAiCKIK/IfinCnB/+KC5+dk6+qU023Q9aq3Jvvjk6brq3PmlSH7NC/Qo+9nR18ht',
    't3i4nWJ+O3g8RVlSahkYmFj58WI+BBTfd5b3ngtL69RFt+va20lrOfmrQ9WaX0yHQpF8JLdNf43DuqV6GjXbdKC0cvTxMx3N',
    'eTAbyk1rUPeeRMbJUXeRe3BNW+prlZs/gFUB',
  ].join(''),
].map((text) => Buffer.from(text, 'base64'))

/** Literals as they are or repeated, a count of sequences, modes of their tables (repeated codes, standard ones), then bits. */
const sequences = fc
  .record({
    literals: fc.uint8Array({ maxLength: 20 }),
    count: fc.oneof(fc.nat(300), fc.integer({ min: 0x7f00, max: 0x7f00 + 0xffff })),
    modes: fc.constantFrom(0x54, 0x00, 0x50, 0x14, 0x44, 0x04, 0xfc, 0xa8, 0x55),
    codes: fc.tuple(fc.nat(40), fc.nat(35), fc.nat(55)),
    bits: fc.uint8Array({ maxLength: 60 }),
  })
  .map(({ literals, count, modes, codes, bits }) => {
    const number =
      count >= 0x7f00
        ? Buffer.of(255, (count - 0x7f00) & 255, (count - 0x7f00) >> 8)
        : count < 128
          ? Buffer.of(count)
          : Buffer.of((count >> 8) + 128, count & 255)
    const tables = [modes >> 6, (modes >> 4) & 3, (modes >> 2) & 3].flatMap((mode, at) =>
      mode === 1 ? [codes[at] ?? 0] : [],
    )
    return frameOf(
      Buffer.concat([
        Buffer.of(literals.length << 3),
        literals,
        number,
        Buffer.of(modes),
        Buffer.from(tables),
        bits,
        Buffer.of(1),
      ]),
    )
  })

export const zstdFrames: fc.Arbitrary<Buffer> = fc.oneof(
  sequences,
  bentBytes(fc.constantFrom(...samples)),
  bentBytes(sequences),
  fc.constantFrom(...samples),
)
