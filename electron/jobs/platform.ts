/** Whether two platforms (`linux/arm64`) are one: arm64 has a single variant, v8, which is written or left out. */
export const isSamePlatform = (a: string, b: string): boolean => plain(a) === plain(b)

const plain = (platform: string): string => platform.replace(/^(.*\/arm64)\/v8$/, '$1')
