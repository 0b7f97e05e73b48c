import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bundleText, parseBundle, sealBundle } from '../../../../sandbox/bundle/bundle-file.ts'
import type { Bundle } from '../../../../sandbox/bundle/bundle-format.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/limits.ts'
import type { ErrorCode } from '../../../../src/base/errors.ts'
import { PluginStage } from '../../../support/plugin-stage.ts'

let stage: PluginStage
let built: Bundle
before(async () => {
  stage = await PluginStage.open()
  built = await ofFiles({ 'plugin.ts': GATE })
})
after(() => stage[Symbol.asyncDispose]())

const GATE = `import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  name: 'gate',
  version: '1.0.0',
  authorizePublish: ({ topic }) => topic === 'a' ? allow() : deny(),
})
`

const ofFiles = (files: Readonly<Record<string, string>>): Promise<Bundle> =>
  stage.host.inspect('gate', { files: new Map(Object.entries(files)) }, DEFAULT_LIMITS)
const ofText = (bundle: string): Promise<Bundle> => stage.host.inspect('gate', { bundle }, DEFAULT_LIMITS)

const refusal = (code: ErrorCode, message: RegExp): object => ({ code, message })

/** A script of the form in which bundles come, with a word in it. */
const script = (body: string, plugin = '{ name: "gate", version: "1.0.0" }'): Bundle =>
  sealBundle(
    `var __bulkhead_plugin = (() => { "use strict"; ${body}; return { default: ${plugin} }; })();`,
    '',
    { name: 'gate', version: '1.0.0', api: 1, for: 'broker', hooks: [], capabilities: {} },
  )

test('sources become the bundle that is taken as built, too', async () => {
  assert.deepEqual([built.manifest.name, built.manifest.hooks], ['gate', ['authorizePublish']])
  assert.deepEqual(await ofText(bundleText(built)), built)
})

test('a bundle whose manifest hides a hook is refused: it would go unasked', async () => {
  const { code, sourceMap, manifest } = built
  const hiding = sealBundle(code, sourceMap, { ...manifest, hooks: [] })
  await assert.rejects(ofText(bundleText(hiding)), { code: 'ERR_PLUGIN_MANIFEST', message: /hooks/ })
})

test('a bundle whose code was changed under its digest is refused', async () => {
  const text = bundleText(built).replace('=== \\"a\\"', '=== \\"b\\"')
  await assert.rejects(ofText(text), refusal('ERR_PLUGIN_BUILD', /does not match its digest/))
})

for (const [what, body] of [
  ['import() of a module', 'import("node:fs")'],
  ['import() of a computed name', 'globalThis.f = (x) => import(x)'],
  ['require()', 'require("fs")'],
  ['require() of a computed name', 'globalThis.f = (x) => require(x)'],
  ['eval', 'globalThis.f = (x) => eval(x)'],
] as const) {
  test(`a bundle that has ${what} left is refused before it runs`, async () => {
    const message = /its script has what `bulkhead plugin build` leaves in none/
    await assert.rejects(ofText(bundleText(script(body))), refusal('ERR_PLUGIN_BUILD', message))
  })
}

test('these words in texts and comments are nobody’s harm', async () => {
  const bundle = script('/* import("x") */ globalThis.t = "require(\'fs\'); eval(1)"')
  assert.equal((await ofText(bundleText(bundle))).sha256, bundle.sha256)
})

test('a script that brings the bundler down is refused, and the next one is not', async () => {
  await assert.rejects(ofText(bundleText(script('['.repeat(300_000)))), { code: 'ERR_PLUGIN_BUILD' })
  await assert.doesNotReject(ofText(bundleText(script('0'))))
})

test('a bundle that loops, or hoards, while it loads is refused with what it did', async () => {
  const looping = ofText(bundleText(script('for (;;);')))
  await assert.rejects(looping, refusal('ERR_PLUGIN_LOAD', /timeout/))
  const hoarding = script('globalThis.kept = new Array(3_600_000).fill(0).map((_, n) => n + 0.5)')
  await assert.rejects(ofText(bundleText(hoarding)), refusal('ERR_PLUGIN_LOAD', /memory/))
})

test('what is no bundle, nests without end, or is too large is refused by what it is', async () => {
  await assert.rejects(ofText('PK\x03\x04'), refusal('ERR_PLUGIN_BUILD', /is no bundle of format 1/))
  await assert.rejects(ofText('['.repeat(1e6)), refusal('ERR_PLUGIN_BUILD', /nests deeper than 40 levels/))
  const large = bundleText(script(`globalThis.t = "${'x'.repeat(600_000)}"`))
  await assert.rejects(ofText(large), refusal('ERR_PLUGIN_UPLOAD', /its code has \d+ KiB; the limit/))
})

for (const source of ['/etc/passwd', '../../secret.ts', 'file:///etc/passwd', 'a\nb.ts', 'lib\\x.ts']) {
  test(`a source map that names ${JSON.stringify(source)} is refused`, async () => {
    const { code, manifest } = script('0')
    const sourceMap = JSON.stringify({ version: 3, sources: [source], names: [], mappings: '' })
    const text = bundleText(sealBundle(code, sourceMap, manifest))
    await assert.rejects(ofText(text), refusal('ERR_PLUGIN_UPLOAD', /its source map names files outside/))
  })
}

test('what was inspected is read again from its text, and nothing is looked for at its path', async () => {
  const read = parseBundle(bundleText(built), 'the store', 'gate')
  const source = { name: 'gate', path: 'nowhere', bundle: read, options: {}, allow: {} }
  assert.equal((await stage.host.prepare(source, DEFAULT_LIMITS)).bundle, read)
})
