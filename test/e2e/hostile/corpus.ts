/** What strangers may write into names, labels, errors and logs, to see it do harm or mislead. */

export interface Entry {
  name: string
  text: string
}

const ran = 'globalThis.hacked=1'

/** Texts that would be markup, code or an address; `host` listens, and nothing may ever arrive there. */
const active = (host: string): Record<string, string> => ({
  script: `<script>${ran}</script><script src=http://${host}/script></script>`,
  handler: `<img src=x onerror=${ran}><details open ontoggle=${ran}><input autofocus onfocus=${ran}>`,
  attribute: `"><img src=x onerror=${ran}>' onmouseover='${ran}' autofocus onfocus="${ran}`,
  svg: `<svg onload=${ran}><script>${ran}</script><animate onbegin=${ran} attributeName=x dur=1s>`,
  mathml: `<math><maction actiontype=statusline href=javascript:${ran}><mtext></form><img src=x onerror=${ran}>`,
  form: `<form action=http://${host}/form><button formaction=javascript:${ran}>Sign in</button></form>`,
  style: `</style><style>body{display:none!important}*{background:url(http://${host}/style)!important}</style>`,
  base: `<base href=http://${host}/base/><link rel=stylesheet href=http://${host}/link>`,
  meta: `<meta http-equiv=refresh content="0;url=http://${host}/meta">`,
  frame: `<iframe src=http://${host}/frame srcdoc="<script>parent.hacked=1</script>"></iframe><object data=x></object>`,
  url: `javascript:${ran}//http://${host}/url`,
  image: `![picture](http://${host}/picture) [link](javascript:${ran}) <http://${host}/auto>`,
  template: `{{constructor.constructor('${ran}')()}} {name} @:frame.nav @.upper:x | %{n} \${${ran}} $& $1`,
  shell: `$(touch pwned) \`touch pwned\`; touch pwned # '"\\\n touch pwned && | *`,
})

/** Texts that hide, forge or push something aside. */
const misleading: Record<string, string> = {
  override: 'invoice\u202egnp.exe',
  // Ends an isolate that stands around it, then turns what follows.
  escape: 'safe\u2069\u202e\u2067 turned',
  embedding: '\u202babc\u202adef\u2066ghi\u2068jkl',
  hebrew: 'שלום 12',
  arabic: 'مرحبا (3)',
  controls: 'a\u0000b\u0007c\u0008\u0008d\re\u007ff\u0085g\u009b31mh',
  lines: 'one\ntwo\r\nthree\u2028four\u2029five\vsix\fseven',
  marks: `Z${'\u0351\u0321\u0489'.repeat(60)}`,
  empty: '\u200b\u200d\ufeff\u2060 \u3000\u00a0',
  wide: '﷽'.repeat(40),
  escapes: '\u001b[2J\u001b[31;5mred\u001b[0m\u001b[1A\u001b[2K\u001b(0\u001bc',
  hyperlink: '\u001b]8;;http://example.test/\u001b\\click\u001b]8;;\u001b\\',
  clipboard: '\u001b]52;c;c3RvbGVu\u0007',
  title: '\u001b]0;title\u0007\u001b]2;title\u001b\\\u001b[21t',
  device: '\u001bP+q544e\u001b\\\u001b[c\u001b[5n\u001b[6n\u001b_apc\u001b\\\u001b^pm\u001b\\\u0005',
  unbroken: 'W'.repeat(3000),
}

/** Those that are addressed to a terminal. */
export const terminalEntries = [
  'script',
  'hyperlink',
  'clipboard',
  'title',
  'device',
  'override',
  'escape',
  'hebrew',
  'controls',
  'marks',
]

/** All of them but the longest, each by its name. */
export const corpus = (host: string): Entry[] =>
  Object.entries({ ...active(host), ...misleading }).map(([name, text]) => ({ name, text }))

/** A million characters, with something else at both ends. */
export const million: Entry = {
  name: 'million',
  text: `<img src=x onerror=${ran}>${'million '.repeat(125_000)}\u202e`,
}

/** As many entries as fit into a text of so many characters, one after the other; those that act come first. */
export function mixture(host: string, limit = 100_000): string {
  let mixed = ''
  for (const { text } of corpus(host)) if (mixed.length + text.length < limit) mixed += `${text} `
  return mixed.trim()
}
