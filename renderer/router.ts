import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import { deployQuestion } from './deploy-address'
import { useRegistriesStore } from './stores/registries'

/** Every place of the window. A repository's name is one parameter, percent-encoded. */
export function createPlaces(): Router {
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      {
        path: '/',
        name: 'start',
        redirect: () => ({ name: firstPage() }),
      },
      { path: '/welcome', name: 'welcome', component: () => import('./views/WelcomeView.vue') },
      {
        path: '/public/:registryId?',
        name: 'public',
        component: () => import('./views/CatalogView.vue'),
        props: (route) => ({ section: 'public', registryId: text(route.params['registryId']) }),
      },
      {
        path: '/private/:registryId?',
        name: 'private',
        component: () => import('./views/CatalogView.vue'),
        props: (route) => ({ section: 'private', registryId: text(route.params['registryId']) }),
      },
      {
        path: '/:section(public|private)/:registryId/:repository',
        name: 'repository',
        component: () => import('./views/RepositoryView.vue'),
        props: true,
      },
      {
        path: '/:section(public|private)/:registryId/:repository/:reference',
        name: 'image',
        component: () => import('./views/ImageView.vue'),
        props: true,
      },
      { path: '/search', name: 'search', component: () => import('./views/SearchView.vue') },
      { path: '/local', name: 'local', component: () => import('./views/LocalImagesView.vue') },
      {
        path: '/deploy',
        name: 'deploy',
        component: () => import('./views/DeployView.vue'),
        props: (route) => ({ question: deployQuestion(route.query) }),
      },
      { path: '/deployments', name: 'deployments', component: () => import('./views/DeploymentsView.vue') },
      {
        path: '/deployments/:poolId/:id/:tab?',
        name: 'deployment',
        component: () => import('./views/DeploymentView.vue'),
        props: true,
      },
      { path: '/transfers', name: 'transfers', component: () => import('./views/TransfersView.vue') },
      { path: '/pools', name: 'pools', component: () => import('./views/PoolsView.vue') },
      {
        path: '/settings/:tab?',
        name: 'settings',
        component: () => import('./views/SettingsView.vue'),
        props: true,
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
  return router
}

/** The public registry; one's own where there is no public one; the welcome where there is none at all. */
function firstPage(): 'public' | 'private' | 'welcome' {
  const registries = useRegistriesStore()
  const [section] = (['public', 'private'] as const).filter((one) => registries.inSection(one).length > 0)
  return section ?? 'welcome'
}

/** A route parameter as text; null where it is absent. */
function text(parameter: string | string[] | undefined): string | null {
  return typeof parameter === 'string' && parameter !== '' ? parameter : null
}

export const sections = [
  'public',
  'private',
  'local',
  'deployments',
  'transfers',
  'pools',
  'settings',
] as const
export type SectionName = (typeof sections)[number]

/** The rail's item that a route belongs to; null on the welcome page. */
export function sectionOf(route: { path: string }): SectionName | null {
  const first = route.path.split('/')[1]
  if (first === 'deploy') return 'deployments'
  return sections.find((section) => section === first) ?? null
}
