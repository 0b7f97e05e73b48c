/** What the web's globals come to, one line each: run by Node, and by a plugin in its cell. */
export function globalsSamples(): string[] {
  const bytes = new TextEncoder().encode('aé€😀\ud800')
  const url = new URL('../b?x=1#f', 'https://User:pw@EXAMPLE.com:8443/a/c/d')
  url.searchParams.append('y z', 'é&=')
  url.hash = ''
  const shared = { list: [1, [2]], when: new Date(0) }
  const clone = structuredClone(
    new Map<unknown, unknown>([
      ['one', shared],
      ['two', shared],
    ]),
  )
  return [
    Array.from(bytes).join(),
    new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff)),
    url.href,
    url.origin,
    new URL('http://0x7f.1:80/%7Efoo/../bar').href,
    new URL('http://München.de/ä').href,
    new URL('http://[::ffff:1.2.3.4]/').host,
    String(URL.canParse('http://a b/')),
    new URLSearchParams([
      ['b', '1'],
      ['a', '2 3'],
    ]).toString(),
    btoa('\0\xff'),
    atob(' Y W\tJj '),
    String(clone.get('one') === clone.get('two') && clone.get('one') !== shared),
    JSON.stringify(clone.get('one')),
    nameThrown(() => atob('*')),
    nameThrown(() => structuredClone(() => 1)),
    nameThrown(() => new URL('nowhere')),
    nameThrown(() => new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff))),
    [TextEncoder, TextDecoder, URL, URLSearchParams].map(({ name }) => name).join(),
    String(new URL('http://a')),
    Object.prototype.toString.call(new URLSearchParams()),
  ]
}

function nameThrown(run: () => unknown): string {
  try {
    run()
    return 'nothing'
  } catch (thrown) {
    return (thrown as Error).name
  }
}
