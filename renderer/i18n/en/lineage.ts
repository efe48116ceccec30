/** What an image is built on, and what is built on it. */
export const lineage = {
  title: 'Lineage',
  builtOn: 'Built on',
  newer: 'A newer build exists:',
  newest: 'The newest build',
  builtOnThis: 'Images built on this',
  count: '1 image | {n} images',
  stale: 'Older build',
  staleHint: 'It stands on an older build of this repository',
  staleCount: '1 stands on an older build | {n} stand on an older build',
  showAll: 'Show all {n}',
  note: 'As far as images were seen here: layers tell what stands on what.',
}
