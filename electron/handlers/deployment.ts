import type { Handlers } from '@shared/contract'
import { readDescription } from '../deploy/description/yaml'
import type { Jobs } from '../jobs/jobs'

type Calls =
  | 'deployment:prefill'
  | 'deployment:plan'
  | 'deployment:apply'
  | 'deployment:read-description'
  | 'deployment:open-description'
  | 'deployment:save-text'

export interface DeploymentParts extends Pick<Jobs, 'fillDeployForm' | 'planDeploy' | 'applyDeploy'> {
  /** Shows a file picker for a description; its text, or null when it was closed. */
  openText: () => Promise<string | null>
  /** Shows a save dialog that proposes this name; null when it was closed. */
  chooseSave: (name: string) => Promise<string | null>
  writeText: (path: string, text: string) => Promise<void>
}

/** Calls on the form of a deployment, and its being applied. */
export function deploymentHandlers(parts: DeploymentParts): Pick<Handlers, Calls> {
  return {
    'deployment:prefill': (request) => parts.fillDeployForm(request),
    'deployment:plan': (request) => parts.planDeploy(request),
    'deployment:apply': (request) => parts.applyDeploy(request),
    'deployment:read-description': ({ text }) => readDescription(text),
    'deployment:open-description': async () => {
      const text = await parts.openText()
      return text === null ? null : readDescription(text)
    },
    'deployment:save-text': async ({ name, text }) => {
      const path = await parts.chooseSave(name)
      if (path !== null) await parts.writeText(path, text)
      return path
    },
  }
}
