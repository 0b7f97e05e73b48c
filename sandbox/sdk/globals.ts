/**
 * The globals of the web that a plugin may use beside those of the language: the bundler gives it those that
 * it refers to. They are no properties of `globalThis`. In a project with the DOM's types, those are kept;
 * Node's may stand beside these.
 */
declare global {
  /** In UTF-8. */
  interface TextEncoder {
    readonly encoding: string
    encode(input?: string): Uint8Array<ArrayBuffer>
    encodeInto(source: string, destination: Uint8Array): { read: number; written: number }
  }
  var TextEncoder: typeof globalThis extends { onmessage: unknown; TextEncoder: infer Theirs }
    ? Theirs
    : { readonly prototype: TextEncoder; new (): TextEncoder }

  /** Of UTF-8 alone. */
  interface TextDecoder {
    readonly encoding: string
    readonly fatal: boolean
    readonly ignoreBOM: boolean
    /** @throws TypeError for ill-formed bytes, with `fatal`; else they become U+FFFD. */
    decode(input?: ArrayBufferLike | ArrayBufferView, options?: { stream?: boolean }): string
  }
  var TextDecoder: typeof globalThis extends { onmessage: unknown; TextDecoder: infer Theirs }
    ? Theirs
    : {
        readonly prototype: TextDecoder
        new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder
      }

  /** A host beyond ASCII may be made of Latin, Greek, Cyrillic, Chinese, Japanese and Korean letters. */
  interface URL {
    hash: string
    host: string
    hostname: string
    href: string
    readonly origin: string
    password: string
    pathname: string
    port: string
    protocol: string
    search: string
    readonly searchParams: URLSearchParams
    username: string
    toString(): string
    toJSON(): string
  }
  var URL: typeof globalThis extends { onmessage: unknown; URL: infer Theirs }
    ? Theirs
    : {
        readonly prototype: URL
        new (url: string | URL, base?: string | URL): URL
        canParse(url: string | URL, base?: string | URL): boolean
        parse(url: string | URL, base?: string | URL): URL | null
      }

  interface URLSearchParams {
    readonly size: number
    append(name: string, value: string): void
    delete(name: string, value?: string): void
    get(name: string): string | null
    getAll(name: string): string[]
    has(name: string, value?: string): boolean
    set(name: string, value: string): void
    sort(): void
    toString(): string
    forEach(visit: (value: string, name: string, params: URLSearchParams) => void): void
    entries(): ParamsIterator<[name: string, value: string]>
    keys(): ParamsIterator<string>
    values(): ParamsIterator<string>
    [Symbol.iterator](): ParamsIterator<[name: string, value: string]>
  }
  var URLSearchParams: typeof globalThis extends { onmessage: unknown; URLSearchParams: infer Theirs }
    ? Theirs
    : {
        readonly prototype: URLSearchParams
        new (init?: Iterable<readonly [string, string]> | Record<string, string> | string): URLSearchParams
      }

  /** Writes to `ctx.log`, within its budget; without that capability its lines are dropped and counted. */
  interface Console {
    debug(text?: unknown, fields?: unknown): void
    error(text?: unknown, fields?: unknown): void
    info(text?: unknown, fields?: unknown): void
    /** As `info`. */
    log(text?: unknown, fields?: unknown): void
    /** As `debug`. */
    trace(text?: unknown, fields?: unknown): void
    warn(text?: unknown, fields?: unknown): void
  }
  var console: Console

  /** Base64 as bytes, one a character. */
  function atob(data: string): string
  /** Bytes, one a character, as base64. */
  function btoa(data: string): string
  /** A deep copy of plain data, Map, Set, Date, RegExp, errors, buffers and typed arrays; cycles are kept. */
  function structuredClone<T = unknown>(value: T): T
}

/** What an iteration over {@link URLSearchParams} gives. */
export type ParamsIterator<Each> = IteratorObject<Each, BuiltinIteratorReturn>
