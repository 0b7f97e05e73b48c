import assert from 'node:assert/strict'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { suite, test } from 'node:test'
import { build, evaluate } from '../../support/build-plugin.ts'

/** What each global is good for, in one expression. */
const USES = {
  TextEncoder: "new TextEncoder().encode('é').length",
  TextDecoder: 'new TextDecoder().decode(Uint8Array.of(0xc3, 0xa9)).length',
  URL: "new URL('/a', 'http://h').href",
  URLSearchParams: "new URLSearchParams({ a: 'b c' }).toString()",
  atob: "atob('YQ==')",
  btoa: "btoa('a')",
  structuredClone: 'structuredClone(new Map([[1, { a: 2 }]])).get(1).a',
}
const COMES_TO = [2, 1, 'http://h/a', 'a=b+c', 'a', 'YQ==', 2]

/** More would be felt: the whole bundle may have 512 KiB. */
const MOST_BYTES = 40 * 1024

suite('a bundle gets a global of the web’s', { concurrency: 2 }, () => {
  Object.entries(USES).forEach(([name, use], place) => {
    test(`${name}, where it refers to it`, async (t) => {
      const built = await build(t, { 'plugin.ts': `export default { name: ${use}, type: typeof ${name} }` })
      const plugin = evaluate(built)
      assert.equal(plugin['name'], COMES_TO[place])
      assert.equal(plugin['type'], 'function')
      assert.ok(built.code.length < MOST_BYTES, `${built.code.length} bytes`)
      for (const other of Object.keys(USES)) {
        const comesAlong = name === 'URL' && other === 'URLSearchParams'
        assert.equal(
          new RegExp(`(?:class|function) ${other}\\b|var ${other} = class`).test(built.code),
          other === name || comesAlong,
          other,
        )
      }
    })
  })
})

test('a bundle that refers to none has no byte of them', async (t) => {
  const { code, sourceMap } = await build(t, {
    'plugin.ts': `import { definePlugin, text } from 'bulkhead/plugin'
      const notes = 'URL atob structuredClone'
      export default definePlugin({ name: notes, authorizePublish: (event) => text(event) === '' })`,
  })
  assert.doesNotMatch(sourceMap, /globals/)
  assert.doesNotMatch(code, /globals:|injected:/)
})

test('they have their own names', async (t) => {
  const names = Object.keys(USES)
  const built = await build(t, {
    'plugin.ts': `export default { names: [${names.join()}].map((each) => each.name) }`,
  })
  assert.deepEqual(Array.from(evaluate(built)['names'] as string[]), names)
})

test('what an author calls by the same name is the author’s', async (t) => {
  const { code } = await build(t, {
    'plugin.ts': `import { URL } from './own.ts'
      const atob = () => 'mine'
      export default { name: URL + atob() + ((btoa: string) => btoa)('too') }`,
    'own.ts': "export const URL = 'own '",
  })
  assert.equal(evaluate({ code } as never)['name'], 'own minetoo')
  assert.ok(code.length < 2000)
})

test('a file of the author’s cannot take the place of a global', async (t) => {
  const built = await build(t, {
    'plugin.ts': "import './url.ts'\nexport default { name: new URL('http://a').href }",
    'url.ts': "export const URL = class { href = 'hijacked' }",
    'injected:URL': "export const URL = class { href = 'hijacked' }",
  })
  assert.equal(evaluate(built)['name'], 'http://a/')
})

test('positions stay right, and those in a global are named as such', async (t) => {
  const { code, sourceMap } = await build(t, {
    'plugin.ts': "\n\nexport default { name: new URL('http://needle').href }",
  })
  const lines = code.split('\n')
  const found = (text: string): string => {
    const line = lines.findIndex((each) => each.includes(text))
    const entry = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload).findEntry(
      line,
      lines[line]?.indexOf(text) ?? -1,
    )
    assert.ok('originalSource' in entry)
    return `${entry.originalSource}:${entry.originalLine}`
  }
  assert.equal(found('http://needle'), 'plugin.ts:2')
  assert.match(found('no scheme, and there is no base'), /^bulkhead\/globals\/parse-url\.ts:\d+$/)
})
