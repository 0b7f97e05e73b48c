import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { CONFIG_SCHEMA } from '../../../src/config/config-schema.ts'

type Node = Readonly<Record<string, unknown>>

/** Every schema of a key, by its path; definitions once, and not where they are referred to. */
function* keysOf(schema: Node, path: string): Generator<[string, Node]> {
  for (const [name, child] of Object.entries((schema['properties'] ?? {}) as Record<string, Node>)) {
    yield [`${path}.${name}`, child]
    yield* keysOf(child, `${path}.${name}`)
  }
  for (const keyword of ['additionalProperties', 'items', 'then'] as const) {
    const child = schema[keyword]
    if (typeof child === 'object' && child !== null) yield* keysOf(child as Node, `${path}.${keyword}`)
  }
  for (const [name, child] of Object.entries((schema['$defs'] ?? {}) as Record<string, Node>)) {
    yield [`$defs.${name}`, child]
    yield* keysOf(child, `$defs.${name}`)
  }
}

describe('the config schema', () => {
  it('is a valid JSON Schema', () => {
    const ajv = new Ajv2020({ strict: false })
    assert.equal(ajv.validateSchema(CONFIG_SCHEMA), true, JSON.stringify(ajv.errors))
  })

  it('describes every key', () => {
    const silent = [...keysOf(CONFIG_SCHEMA, '')].filter(([, { description, $ref }]) => !description && !$ref)
    assert.deepEqual(
      silent.map(([path]) => path),
      [],
    )
    assert.ok([...keysOf(CONFIG_SCHEMA, '')].length > 100)
  })

  it("says its unknown keys are mistakes, but in plugins' options and the settings, which are free", () => {
    const open = [...keysOf(CONFIG_SCHEMA, '')].filter(
      ([, schema]) => schema['type'] === 'object' && schema['additionalProperties'] === undefined,
    )
    assert.deepEqual(
      open.map(([path]) => path),
      ['.auth', '.topic-check', '$defs.plugin.then.config', '$defs.settings'],
    )
  })

  it('is plain JSON, as editors read it', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(CONFIG_SCHEMA)), CONFIG_SCHEMA)
  })
})
