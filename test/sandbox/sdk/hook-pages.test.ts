import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { ASKERS, type HookName, HOOKS, TELLERS } from '../../../sandbox/sdk/hooks.ts'
import { hookPages } from '../../support/hook-pages.ts'
import { LanguageServer } from '../../support/language-server.ts'

const PAGES = [...hookPages('askers.ts'), ...hookPages('tellers.ts')]
const server = await LanguageServer.start()
after(() => server[Symbol.asyncDispose]())

test('every hook has a page, in the order of its number on the wire', () => {
  assert.deepEqual(
    hookPages('askers.ts').map(({ hook }) => hook),
    [...ASKERS],
  )
  assert.deepEqual(
    hookPages('tellers.ts').map(({ hook }) => hook),
    [...TELLERS],
  )
})

test('a page has an example that is a whole plugin with this hook, and says what it does', () => {
  for (const { hook, code, claims } of PAGES) {
    assert.match(code, /^import .* from 'bulkhead\/plugin'\n[^]*export default definePlugin\(\{\n/, hook)
    assert.match(code, new RegExp(`^  (async )?${hook}\\b`, 'm'), hook)
    assert.ok(claims.length > 0, hook)
  }
})

test('the page of an asker says what it sees, what each answer does, how answers meet, what a failure does', () => {
  const parts = [
    /^\*\*Sees\*\*/m,
    /^\*\*Answers\*\*/m,
    /\*\*Several plugins\*\*|in the order/,
    /time and failure\*\*/i,
  ]
  for (const { hook, prose } of hookPages('askers.ts')) {
    for (const part of parts) assert.match(prose, part, hook)
  }
})

suite('in an author’s editor', () => {
  test('every example compiles, strictly', async () => {
    for (const { hook, code } of PAGES) {
      const uri = server.open(`test/types/example-of-${hook}.ts`, code)
      assert.deepEqual(await server.diagnostics(uri), [], hook)
    }
  })

  test('one that uses a power without asking for it, or a field of another hook, does not', async () => {
    const [first] = hookPages('tellers.ts')
    const powerless = first?.code.replace('capabilities: { log: true },', '') ?? ''
    const uri = server.open('test/types/powerless.ts', powerless)
    assert.match((await server.diagnostics(uri))[0]?.message ?? '', /'log' does not exist/)
    const [, publish] = hookPages('askers.ts')
    const foreign = publish?.code.replace('maxQos: 1', 'rewriteTo: topic') ?? ''
    const other = server.open('test/types/foreign.ts', foreign)
    assert.match((await server.diagnostics(other))[0]?.message ?? '', /not assignable/)
  })

  test('a hook shows its page where its name is written', async () => {
    const text = pluginWith(HOOKS)
    const uri = server.open('test/types/every-hook.ts', text)
    for (const { hook, prose } of PAGES) {
      const line = text.split('\n').findIndex((each) => each.startsWith(`  ${hook}:`))
      const shown = await server.hover(uri, line, 4)
      assert.ok(words(shown).includes(words(prose)), `${hook} shows:\n${shown}`)
      assert.ok(shown.includes(`bulkhead/plugin`), `${hook} shows no example`)
    }
  })
})

function pluginWith(hooks: readonly HookName[]): string {
  const lines = hooks.map((hook) => `  ${hook}: () => ${hook.startsWith('on') ? 'undefined' : 'true'},`)
  return [
    "import { definePlugin } from 'bulkhead/plugin'",
    'export default definePlugin({',
    ...lines,
    '})',
  ].join('\n')
}

/** Editors wrap, and write links, as they like. */
function words(text: string): string {
  return text.replace(/\{@link (\w+)\}|\[(\w+)\]\([^)]*\)/g, '$1$2').replace(/\s+/g, ' ')
}
