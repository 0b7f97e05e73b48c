import { blameCaller } from './blame-caller.ts'
import { encodeQuery, parseUrl, withoutBreaks } from './parse-url.ts'
import { ENCODED, percentEncode } from './percent-encode.ts'
import { setHost, setPathname, setPort, setScheme } from './set-url-part.ts'
import { toScalarText } from './to-text.ts'
import { hasAuthority, hostText, originText, pathText, type UrlRecord, urlText } from './url-record.ts'
import { ownedParams, type URLSearchParams } from './url-search-params.ts'

/**
 * `URL` [URL standard, 6.1]. A host beyond ASCII may be made of the letters that `domain.ts` knows; any other
 * is refused.
 */
export class URL {
  #url: UrlRecord
  #params: ReturnType<typeof ownedParams> | undefined

  /** @throws TypeError for what is no URL. */
  constructor(url: unknown, base?: unknown) {
    try {
      this.#url = parse(url, base)
    } catch (invalid) {
      throw blameCaller(invalid, new.target as never)
    }
  }

  static canParse(url: unknown, base?: unknown): boolean {
    return urlOrNull(url, base) !== null
  }

  static parse(url: unknown, base?: unknown): URL | null {
    return urlOrNull(url, base)
  }

  get href(): string {
    return urlText(this.#url)
  }

  set href(value: unknown) {
    this.#url = parse(value)
    this.#params?.refresh()
  }

  get origin(): string {
    if (this.#url.scheme !== 'blob') return originText(this.#url)
    const inner = urlOrNull(pathText(this.#url))
    return inner?.protocol === 'http:' || inner?.protocol === 'https:' ? inner.origin : 'null'
  }

  get protocol(): string {
    return `${this.#url.scheme}:`
  }

  set protocol(value: unknown) {
    setScheme(this.#url, given(value))
  }

  get username(): string {
    return this.#url.username
  }

  set username(value: unknown) {
    const text = toScalarText(value)
    if (hasAuthority(this.#url)) this.#url.username = percentEncode(text, ENCODED.userinfo)
  }

  get password(): string {
    return this.#url.password
  }

  set password(value: unknown) {
    const text = toScalarText(value)
    if (hasAuthority(this.#url)) this.#url.password = percentEncode(text, ENCODED.userinfo)
  }

  get host(): string {
    return hostText(this.#url)
  }

  set host(value: unknown) {
    setHost(this.#url, given(value), true)
  }

  get hostname(): string {
    return this.#url.host ?? ''
  }

  set hostname(value: unknown) {
    setHost(this.#url, given(value), false)
  }

  get port(): string {
    return this.#url.port
  }

  set port(value: unknown) {
    setPort(this.#url, toScalarText(value))
  }

  get pathname(): string {
    return pathText(this.#url)
  }

  set pathname(value: unknown) {
    setPathname(this.#url, given(value))
  }

  get search(): string {
    const { query } = this.#url
    return query === null || query === '' ? '' : `?${query}`
  }

  set search(value: unknown) {
    const query = partAfter('?', value)
    this.#url.query = query === null ? null : encodeQuery(this.#url.scheme, query)
    this.#params?.refresh()
  }

  get searchParams(): URLSearchParams {
    const url = (): UrlRecord => this.#url
    this.#params ??= ownedParams({
      get query() {
        return url().query ?? ''
      },
      changed(query) {
        url().query = query === '' ? null : query
      },
    })
    return this.#params.params
  }

  get hash(): string {
    const { fragment } = this.#url
    return fragment === null || fragment === '' ? '' : `#${fragment}`
  }

  set hash(value: unknown) {
    const fragment = partAfter('#', value)
    this.#url.fragment = fragment === null ? null : percentEncode(fragment, ENCODED.fragment)
  }

  toString(): string {
    return this.href
  }

  toJSON(): string {
    return this.href
  }

  get [Symbol.toStringTag](): string {
    return 'URL'
  }
}

// outside of the class: one that names itself inside would be bundled under another name
function urlOrNull(url: unknown, base?: unknown): URL | null {
  const [text, baseText] = [toScalarText(url), base === undefined ? undefined : toScalarText(base)]
  try {
    return new URL(text, baseText)
  } catch {
    return null // the one thing that the constructor throws for texts
  }
}

function parse(url: unknown, base?: unknown): UrlRecord {
  const text = toScalarText(url)
  return base === undefined ? parseUrl(text) : parseUrl(text, parseUrl(toScalarText(base)))
}

/** Query or fragment, with or without its sign; null takes the part away. */
function partAfter(sign: '?' | '#', value: unknown): string | null {
  const text = toScalarText(value)
  return text === '' ? null : withoutBreaks(text.startsWith(sign) ? text.slice(1) : text)
}

function given(value: unknown): string {
  return withoutBreaks(toScalarText(value))
}
