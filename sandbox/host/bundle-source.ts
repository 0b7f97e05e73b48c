import type { Bundle } from '../bundle/bundle-format.ts'

/** What somebody sends in place of a path: the text of a `.bundle.json`, or a plugin's files by path. */
export type Upload = { readonly bundle: string } | { readonly files: ReadonlyMap<string, string> }

/** Where a bundle comes from: a folder with sources, or a built bundle file. */
export interface BundleSource {
  readonly name: string
  /** Absolute path of a folder, or of a `.bundle.json` file made by `bulkhead plugin build`. */
  readonly path: string
  /** It was inspected before, and nothing is looked for at {@link path}, which is its name in messages. */
  readonly bundle?: Bundle
  /** The export to use when the default one is not meant (aMQTT's dotted names). */
  readonly exportName?: string
  /** Whether `node_modules` of the folder resolves: on the author's own machine only. */
  readonly resolvePackages?: boolean
}
