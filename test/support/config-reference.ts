import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT_SCHEMA } from '../../src/config/client-schema.ts'
import { CONFIG_SCHEMA } from '../../src/config/config-schema.ts'
import { isPlainMap } from '../../src/config/config-tree.ts'
import type { Quantity } from '../../src/config/quantity.ts'

/** The reference as it is checked in. Run this file to write it anew. */
export const CONFIG_REFERENCE: string = join(import.meta.dirname, '..', '..', 'src', 'config', 'README.md')

type Schema = Readonly<Record<string, unknown>>

/** A map with keys of its own: they get a table. */
interface Section {
  /** The keys that lead to it, `NAME` where the operator names one; empty: the whole config. */
  readonly path: readonly string[]
  readonly schema: Schema
}

const HEAD = `# What a config may say

Written by \`node test/support/config-reference.ts\` from the schemas in this folder, which decide: change
them, and run it. \`bulkhead config schema\` prints the broker's for editors, \`bulkhead config show -c FILE\`
what holds.

- \`NAME\` stands for a name of your own: letters, digits, \`_\` and \`-\`, a letter first.
- A size is a number of bytes, or \`64KiB\`, \`10MiB\`, \`1GiB\`. *Secret*: \`config show\` hides it.
- A variable of the environment changes one key: \`BULKHEAD_MQTT__MAX_KEEPALIVE=60\` is
  \`mqtt: { maxKeepalive: 60 }\`. In a text \`\${VARIABLE}\` is filled in; a secret may be in a file:
  \`passwordFile: PATH\` in place of \`password\`.
- Keys that are not here are mistakes, and stop the start with the nearest name that there is.
- What is changed holds from the next start. Certificates, keys and revocation lists alone are read anew when
  their files change, and at SIGHUP.
`

/** The reference of both configs, as Markdown. */
export function configReference(): string {
  const titles = new Map<Schema, string>()
  return [
    HEAD,
    '# The broker',
    '',
    ...new Reference(CONFIG_SCHEMA, '', titles).lines(),
    '# A client',
    '',
    'For `bulkhead pub` and `bulkhead sub` with `-c`, and for `createClient`.',
    '',
    ...new Reference(CLIENT_SCHEMA, "A client's ", titles).lines(),
  ].join('\n')
}

/** One schema as a table a map, each map once: where it is referred to again, the first one is linked. */
class Reference {
  readonly #root: Schema
  readonly #owner: string
  readonly #sections: Section[] = []
  /** The headings of maps that have their table. */
  readonly #titles: Map<Schema, string>

  /** @param owner goes before the paths in headings. */
  constructor(root: Schema, owner: string, titles: Map<Schema, string>) {
    this.#root = root
    this.#owner = owner
    this.#titles = titles
    this.#collect([], root)
  }

  lines(): string[] {
    return this.#sections.flatMap((section) => this.#section(section))
  }

  #collect(path: readonly string[], schema: Schema): void {
    if (this.#titles.has(schema)) return
    const keys = Object.entries(propertiesOf(schema))
    if (keys.length > 0) {
      this.#titles.set(schema, this.#titleOf(path))
      this.#sections.push({ path, schema })
    }
    for (const [key, child] of keys) this.#collect([...path, key], this.#followed(child))
    const named = schema['additionalProperties']
    if (isPlainMap(named)) this.#collect([...path, 'NAME'], this.#followed(named))
  }

  #section({ path, schema }: Section): string[] {
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    const rows = Object.entries(propertiesOf(schema)).map(([key, written]) => {
      const followed = this.#followed(written)
      const fallback = 'default' in written ? written['default'] : followed['default']
      const standard = required.has(key) ? '*required*' : defaultText(fallback)
      return `| \`${key}\` | ${this.#takes(followed)} | ${standard} | ${meaning(written, followed)} |`
    })
    const text = path.length === 0 ? [] : [`## ${this.#titleOf(path)}`, '', meaning(schema, schema), '']
    return [...text, '| Key | Takes | Default | Meaning |', '|---|---|---|---|', ...rows, '']
  }

  #titleOf(path: readonly string[]): string {
    return `${this.#owner}\`${path.join('.')}\``
  }

  /** What may be written as the value. */
  #takes(schema: Schema): string {
    const own = this.#titles.get(schema)
    if (own !== undefined) return `[map](#${anchorOf(own)})`
    const named = schema['additionalProperties']
    if (isPlainMap(named)) {
      const inner = this.#titles.get(this.#followed(named))
      return inner === undefined ? 'map by name' : `[map by name](#${anchorOf(inner)})`
    }
    const values = schema['enum']
    if (Array.isArray(values)) return values.map((value) => `\`${String(value)}\``).join(', ')
    const quantity = schema['quantity']
    if (typeof quantity === 'string') return `${QUANTITY_TEXTS[quantity as Quantity]}${between(schema)}`
    const types = [schema['type']].flat().map((type) => TYPE_TEXTS[String(type)] ?? String(type))
    return `${types.join(' or ')}${between(schema)}`
  }

  #followed(schema: unknown): Schema {
    if (!isPlainMap(schema)) return {}
    const reference = schema['$ref']
    if (typeof reference !== 'string') return schema
    let target: unknown = this.#root
    for (const key of reference.split('/').slice(1)) target = isPlainMap(target) ? target[key] : undefined
    return this.#followed(target)
  }
}

const TYPE_TEXTS: Readonly<Record<string, string>> = {
  integer: 'number',
  number: 'number',
  string: 'text',
  boolean: '`true`, `false`',
  object: 'map',
  array: 'list',
  null: 'nothing',
}

const QUANTITY_TEXTS: Readonly<Record<Quantity, string>> = {
  bytes: 'size',
  bytesOrUnlimited: 'size or `unlimited`',
  countOrUnlimited: 'number or `unlimited`',
  countOrAuto: 'number or `auto`',
}

/** Its keys: of a map, or of the form in which a plugin is a map with `use`. */
function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { then, properties = isPlainMap(then) ? then['properties'] : undefined } = schema as {
    readonly then?: unknown
    readonly properties?: unknown
  }
  return isPlainMap(properties) ? (properties as Readonly<Record<string, Schema>>) : {}
}

function between({ minimum, maximum }: Schema): string {
  if (typeof minimum !== 'number') return ''
  const isOpen = typeof maximum !== 'number' || maximum === Number.MAX_SAFE_INTEGER
  return isOpen ? `, at least ${minimum}` : `, ${minimum} to ${maximum}`
}

function defaultText(value: unknown): string {
  return value === undefined || isEmptyMap(value) ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``
}

function isEmptyMap(value: unknown): boolean {
  return isPlainMap(value) && Object.keys(value).length === 0
}

function meaning(written: Schema, followed: Schema): string {
  const { description = followed['description'] } = written
  const text = typeof description === 'string' ? description.replaceAll('|', '\\|') : ''
  return followed['writeOnly'] === true ? `${text} *Secret.*` : text
}

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(' ', '-')
    .replaceAll(/[^a-z0-9_-]/g, '')
}

if (import.meta.main) writeFileSync(CONFIG_REFERENCE, configReference())
