import { Plus, Rocket, Server } from '@lucide/vue'
import { computed, type Component } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { deployAddress } from '@/deploy-address'
import { placeName, placeOfRoute } from '@/place'
import { useDialogsStore } from '@/stores/dialogs'
import { useEngineStore } from '@/stores/engine'
import { usePoolsStore } from '@/stores/pools'

export interface DeployAction {
  key: string
  label: string
  icon: Component
  run: () => void
}

/** How many of the engine's images the palette offers to deploy. */
const localLimit = 50

/** What the palette can do about deployments: the image that is shown, local images, a description file, the pools. */
export function useDeployActions() {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const dialogs = useDialogsStore()
  const engine = useEngineStore()
  const pools = usePoolsStore()

  const shown = computed<DeployAction[]>(() => {
    const place = placeOfRoute(route)
    if (!place || place.reference === null) return []
    const { registryId, repository, reference } = place
    const name = placeName(place).split('/').at(-1) ?? repository
    const source = { kind: 'registry' as const, registryId, repository, reference }
    const run = (): void => void router.push(deployAddress(source))
    return [{ key: 'deploy', label: t('deploy.of', { name }), icon: Rocket, run }]
  })

  const local = computed<DeployAction[]>(() =>
    engine.images.images
      .flatMap(({ references }) => references)
      .slice(0, route.name === 'local' ? localLimit : 0)
      .map((reference) => ({
        key: `deploy local ${reference}`,
        label: t('deploy.of', { name: reference }),
        icon: Rocket,
        run: () => void router.push(deployAddress({ kind: 'local', reference })),
      })),
  )

  return computed<DeployAction[]>(() => [
    ...shown.value,
    ...local.value,
    {
      key: 'deploy-file',
      label: t('deploy.fromFile'),
      icon: Rocket,
      run: () => void router.push({ name: 'deploy' }),
    },
    ...pools.pools
      .filter(({ id }) => id !== pools.current?.id)
      .map(({ id, name }) => ({
        key: `pool ${id}`,
        label: `${t('pool.choose')}: ${name}`,
        icon: Server,
        run: () => void pools.choose(id),
      })),
    { key: 'pool-add', label: t('pool.add'), icon: Plus, run: () => dialogs.addPool() },
  ])
}
