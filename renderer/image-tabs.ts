/** The tabs of an image's page, in order. */
export const imageTabs = ['overview', 'layers', 'config', 'platforms', 'usage', 'raw'] as const
export type ImageTab = (typeof imageTabs)[number]
