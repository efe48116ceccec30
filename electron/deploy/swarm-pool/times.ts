/** How long a change waits for what; milliseconds. */
export interface Times {
  /** Between two looks at the tasks. */
  interval: number
  /** How long a task may wait for a node before it counts as having none. */
  unplaced: number
  /** How long a task must have run. */
  steady: number
  /** How long a port may refuse. */
  reach: number
  /** How long the swarm's own load balancer may refuse before it is looked whether an instance listens. */
  mesh: number
  /** How long a swarm watches a new task after it runs; whole seconds. */
  monitor: number
  /** How long a command before the stop may take. */
  beforeStop: number
}

export const usualTimes: Times = {
  ...{ interval: 150, unplaced: 5000, steady: 1000, reach: 60_000, mesh: 6000, monitor: 5000 },
  beforeStop: 60_000,
}
