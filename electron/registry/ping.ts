import { AppError } from '@shared/error'
import { headerOf, mediaTypeOf } from './answer'
import type { RequestOptions } from './endpoint'
import type { Call, Caller } from './session'
import type { WireResponse } from './transport'

/** Whether an answer to `/v2/` comes from a registry: its version header, or JSON. */
export const speaksAsRegistry = (response: WireResponse): boolean =>
  headerOf(response, 'docker-distribution-api-version') !== undefined ||
  /[/+]json$/.test(mediaTypeOf(response))

/**
 * Asks for `/v2/` (distribution-spec 1.1, end-1), with the account where the registry wants one or, with `account`, in any
 * case. NOT_A_REGISTRY where something else answers, UNAUTHORIZED where it does not let us in.
 */
export async function ping(
  caller: Caller,
  options: RequestOptions = {},
  authorize: Call['authorize'] = 'when-asked',
): Promise<void> {
  const context = { side: 'registry' } as const
  await caller.call(
    { method: 'GET', url: '/v2/', scopes: [], authorize, context, options },
    async (answer) => {
      if (answer.status !== 200) throw await answer.refusal('NOT_A_REGISTRY')
      if (!speaksAsRegistry(answer.response)) {
        await answer.skip()
        throw new AppError('NOT_A_REGISTRY', { ...context, status: 200 })
      }
      await answer.skip()
    },
  )
}
