import type { ConfigTree } from '../config-tree.ts'
import { dotted, type Pointer } from '../pointer.ts'

/** What an import says of the config that it read: where it differs here, and what it could not translate. */
export class Notes {
  readonly #tree: ConfigTree
  readonly #lines: { readonly order: number; readonly text: string }[] = []

  constructor(tree: ConfigTree) {
    this.#tree = tree
  }

  /** In the order of the file; what belongs to no place comes last. */
  get lines(): readonly string[] {
    return this.#lines.toSorted((a, b) => a.order - b.order).map(({ text }) => text)
  }

  /** Says it of one place in the config. */
  at(pointer: Pointer, text: string): void {
    const place = this.#tree.keys.get(pointer) ?? this.#tree.values.get(pointer)
    const line = place === undefined ? '' : `${place.origin} `
    this.#lines.push({
      order: place?.order ?? Number.MAX_SAFE_INTEGER,
      text: `${line}${dotted(pointer)}: ${text}`,
    })
  }

  /** Says it of the config as a whole. */
  add(text: string): void {
    this.#lines.push({ order: Number.MAX_SAFE_INTEGER, text })
  }
}
