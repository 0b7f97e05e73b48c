import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeValue, fillFilter, filterTemplate } from '../../../src/sources/ldap-filter.ts'
import { anyText } from '../../support/any-text.ts'

test('a value keeps its place: outside of it the filter stays what the operator wrote', () => {
  const template = filterTemplate('(&(objectClass=person)(uid={name}))')
  fc.assert(
    fc.property(anyText({ minLength: 1 }), (name) => {
      const filled = fillFilter(template, 'acme', { name })
      assert.ok(typeof filled === 'string')
      const value = /^\(&\(objectClass=person\)\(uid=((?:[\w.-]|\\[0-9a-f]{2})+)\)\)$/.exec(filled)?.[1] ?? ''
      const bytes = [...value.matchAll(/\\(..)|(.)/g)].map(([, hex, letter = '']) =>
        hex === undefined ? letter.charCodeAt(0) : Number.parseInt(hex, 16),
      )
      assert.deepEqual(Buffer.from(bytes), Buffer.from(name))
    }),
  )
})

test('what filters are made of is escaped, byte by byte [RFC 4515, 3]', () => {
  assert.equal(escapeValue('a.b-c_1'), 'a.b-c_1')
  assert.equal(escapeValue('*()\\\0/é'), '\\2a\\28\\29\\5c\\00\\2f\\c3\\a9')
})

test('placeholders are given all, each as often as it stands there, the tenant by the broker', () => {
  const template = filterTemplate('(|(uid={name})(mail={name}@{tenant}.example)(n={n}))')
  assert.deepEqual(template.names, ['name', 'tenant', 'n'])
  assert.equal(fillFilter(template, 'acme', { name: 'al', n: 7 }), '(|(uid=al)(mail=al@acme.example)(n=7))')
  for (const given of [
    { name: 'al' },
    { name: 'al', n: 7, tenant: 'other' },
    { name: '', n: 7 },
    { name: null, n: 7 },
  ]) {
    assert.ok(typeof fillFilter(template, 'acme', given) === 'object')
  }
})
