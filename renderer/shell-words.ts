const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** Words as a POSIX shell would take them apart again; for reading and for commands to copy. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}
