import assert from 'node:assert/strict'
import { it } from 'node:test'
import { foldOption, optionNames, ownOptions } from '../../../sandbox/manifest/own-options.ts'

const schema = { type: 'object', properties: { 'publish-acl': {}, allow_anonymous: {} } }

it('a plugin takes of shared options those that its schema names, `-` and `_` being alike', () => {
  const shared = { publish_acl: 1, 'allow-anonymous': 2, password_file: 3 }
  assert.deepEqual(ownOptions(schema, shared), { 'publish-acl': 1, allow_anonymous: 2 })
  assert.deepEqual(ownOptions(undefined, shared), {})
})

it('the names of options are those of the schema', () => {
  assert.deepEqual(optionNames(schema).map(foldOption), ['publish_acl', 'allow_anonymous'])
  assert.deepEqual(optionNames(undefined), [])
})
