/**
 * How the containers of a deployment `shop` are named. The name, which an engine lets us change, tells what a container is to its
 * deployment; its labels, which no engine lets us change, tell the rest.
 *
 *   shop-1         an instance
 *   shop-1.next    on its way to become one: an upgrade or a restart is under way, or was cut off
 *   shop-1.trial   the new version beside an old one that holds a fixed host port, to see that it becomes healthy
 *   shop.record    never started: carries the newest model in its labels where no instance could be made anew for it (fewer
 *                  instances, or none)
 */
export type Role = 'instance' | 'next' | 'trial' | 'record'

export const instanceName = (name: string, instance: number): string => `${name}-${instance}`
export const nextName = (name: string, instance: number): string => `${name}-${instance}.next`
export const trialName = (name: string): string => `${name}-1.trial`
export const recordName = (name: string): string => `${name}.record`

/** What a container with our labels is, by its name (with or without the engine's leading slash). */
export function roleOf(containerName: string): Role {
  if (containerName.endsWith('.next')) return 'next'
  if (containerName.endsWith('.trial')) return 'trial'
  return containerName.endsWith('.record') ? 'record' : 'instance'
}
