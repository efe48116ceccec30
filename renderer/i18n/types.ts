/** The same keys with texts of another language: a missing text does not compile. */
export type Messages<T> = { readonly [K in keyof T]: T[K] extends string ? string : Messages<T[K]> }

export type LanguageTag = 'en' | 'zh-CN'
