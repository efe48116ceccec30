/** The tabs of a deployment's page, by the name that stands in its address. */
export const deploymentTabs = [
  'instances',
  'settings',
  'logs',
  'terminal',
  'graphs',
  'events',
  'history',
] as const
export type DeploymentTab = (typeof deploymentTabs)[number]
