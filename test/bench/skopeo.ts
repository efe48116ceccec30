import { runCommand } from '../lab/command'

/** Copies an image with skopeo, as `docker-archive:FILE` or `docker://HOST/REPOSITORY:TAG`; registries speak http. */
export async function skopeoCopy(from: string, to: string): Promise<void> {
  const flags = ['--insecure-policy', '--src-tls-verify=false', '--dest-tls-verify=false', '--quiet']
  const used = flags.filter((flag) => !flag.startsWith('--src') || from.startsWith('docker://'))
  await runCommand('skopeo', ['copy', ...used, from, to], { env: process.env })
}
