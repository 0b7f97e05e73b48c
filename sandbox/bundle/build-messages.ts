/** What the builder's process is given on stdin, as JSON: everything that it may see. */
export interface BuildRequest {
  /** Absolute path of the bundler's own module. */
  readonly bundler: string
  readonly main: string
  readonly exportName?: string
  /** The file is a script that was built before: it is looked at, and has no exports. */
  readonly isScript?: true
  readonly packages: boolean
  /** Pairs, not an object: a file may be called `__proto__`. */
  readonly files: readonly (readonly [path: string, text: string])[]
  readonly sdk: readonly (readonly [path: string, text: string])[]
  readonly sdkEntry: string
  /** The room of the injected globals. */
  readonly globals: readonly (readonly [path: string, text: string])[]
  /** Which file of it exports which global. */
  readonly injected: Readonly<Record<string, string>>
}

/** What it writes to stdout, once. */
export type BuildReply =
  | { readonly code: string; readonly sourceMap: string }
  | { readonly errors: readonly BuildMistake[] }
  /** The bundler itself gave up: a bomb, most likely. */
  | { readonly gaveUp: string }

export interface BuildMistake {
  readonly text: string
  /** Absent where the mistake has no place. */
  readonly file?: string
  readonly line?: number
  /** From 1. */
  readonly column?: number
}
