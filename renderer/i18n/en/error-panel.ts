/** Words around an error: stand-ins for what its context lacks, next steps, and what the details are called. */
export const panel = {
  some: {
    host: 'the registry',
    reference: 'the image',
    repository: 'the repository',
    account: 'your account',
    tag: 'you chose',
    wait: 'a moment',
  },
  seconds: 'one second | {n} seconds',
  step: {
    retry: 'Try again',
    refresh: 'Refresh',
    'sign-in': 'Sign in…',
    'edit-registry': 'Edit registry…',
    'trust-certificate': 'Look at the certificate…',
    'start-engine': 'How to start it…',
    'open-settings': 'Open settings',
    'add-repository': 'Add by name…',
    'session-only': 'Keep for this session only',
    'confirm-realm': 'Confirm the address…',
  },
  details: 'Details',
  copy: 'Copy details',
  failure: 'Error',
}
