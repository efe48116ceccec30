import { expect, it } from 'vitest'
import { instructionOf } from '../../../electron/browse/instruction'
import { ownTime } from '../../support/own-time'

it.each([
  ['/bin/sh -c #(nop)  CMD ["nginx"]', 'CMD ["nginx"]'],
  ['/bin/sh -c #(nop) COPY file:5d04aa in /etc/nginx ', 'COPY file:5d04aa /etc/nginx'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['RUN /bin/sh -c apk add curl # buildkit', 'RUN apk add curl'],
  ['RUN |2 VERSION=1.0 OS=linux /bin/sh -c make # buildkit', 'RUN make'],
  ['|1 VERSION=1.0 /bin/sh -c make', 'RUN make'],
  ['|0 /bin/sh -c make', 'RUN make'],
  ['COPY /out /usr/bin # buildkit', 'COPY /out /usr/bin'],
  ['ENV A=1', 'ENV A=1'],
  ['bazel build', 'bazel build'],
  ['RUN /bin/sh -c set -eux; \\\n\tmake # buildkit', 'RUN set -eux; \\\n\tmake'],
  ['RUN \u202eevil\u0007', 'RUN \ufffdevil␇'],
  ['', null],
  ['   ', null],
  [null, null],
])('%j reads %j', (createdBy, instruction) => {
  expect(instructionOf(createdBy)).toBe(instruction)
})

it('is cut where it is endless, and quick to clean', () => {
  const begun = ownTime()
  expect(instructionOf(`RUN |9 ${'a '.repeat(30_000)}`)?.length).toBe(20_000)
  expect(instructionOf(`x${' '.repeat(65_000)}x`)?.length).toBe(20_000)
  expect(ownTime() - begun).toBeLessThan(1000)
})
