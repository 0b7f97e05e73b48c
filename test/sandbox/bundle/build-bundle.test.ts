import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { build, buildFolder, evaluate, refusesToBuild } from '../../support/build-plugin.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

test('types are stripped, files and the SDK bundled, the namespace left in one global', async (t) => {
  const built = await build(t, {
    'plugin.ts': `import { definePlugin, deny } from 'bulkhead/plugin'
      import { limit } from './lib/limit.js'
      import data from './data.json'
      const refused = (): unknown => deny({ code: limit as 0x87 })
      export default definePlugin({ name: data.name, authorizePublish: refused })`,
    'lib/limit.ts': 'export const limit: number = 0x87',
    'data.json': '{"name":"from-json"}',
  })
  const plugin = evaluate(built)
  assert.equal(plugin['name'], 'from-json')
  assert.deepEqual({ ...(plugin['authorizePublish'] as () => object)() }, { code: 0x87, verdict: 'deny' })
})

test('the script is strict, as modules are', async (t) => {
  const built = await build(t, {
    'plugin.js': 'export default { frozen() { Object.freeze({ a: 1 }).a = 2 } }',
  })
  assert.throws(evaluate(built)['frozen'] as () => void, /read only property/)
})

test('a position in the script maps to the file as the author names it', async (t) => {
  const { code, sourceMap } = await build(t, {
    'plugin.ts': "import './lib/deep.ts'\nexport default {}",
    'lib/deep.ts': "\n\nexport const here: string = 'needle'\nconsole.log(here)",
  })
  const line = code.split('\n').findIndex((text) => text.includes('needle'))
  const column = code.split('\n')[line]?.indexOf('needle') ?? -1
  const entry = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload).findEntry(line, column)
  assert.ok('originalSource' in entry)
  assert.equal(entry.originalSource, 'lib/deep.ts')
  assert.equal(entry.originalLine, 2)
})

test('a named export takes the place of the default one, which is the fallback', async (t) => {
  const files = { 'plugin.ts': "export const Gate = { name: 'gate' }\nexport default { name: 'default' }" }
  assert.equal(evaluate(await build(t, files, { exportName: 'Gate' }))['name'], 'gate')
  assert.equal(evaluate(await build(t, files, { exportName: 'Fence' }))['name'], 'default')
})

test('what package.json, plugin.yaml and the folder say is handed on unchecked', async (t) => {
  const { declared } = await build(t, {
    'start.ts': 'export default {}',
    'package.json': '{"name":"gate","version":"2.1.0"}',
    'plugin.yaml': 'main: ./start.ts\nhooks: [nonsense]',
  })
  const { folder, ...rest } = declared
  assert.match(folder, /^bulkhead-plugin-/)
  assert.deepEqual(rest, {
    packageName: 'gate',
    packageVersion: '2.1.0',
    yaml: { main: './start.ts', hooks: ['nonsense'] },
    main: './start.ts',
  })
})

test('with resolvePackages the folder’s dependencies are bundled, and theirs', async (t) => {
  const files = {
    'plugin.ts': "import { one } from 'one'\nexport default { name: one }",
    'package.json': '{"dependencies":{"one":"1"}}',
    'node_modules/one/package.json':
      '{"exports":{".":{"import":"./lib/main.js"}},"dependencies":{"two":"1"}}',
    'node_modules/one/lib/main.js': "import two from 'two'\nexport const one = 'one+' + two",
    'node_modules/two/package.json': '{"main":"index.js"}',
    'node_modules/two/index.js': "module.exports = 'two'",
  }
  assert.equal(evaluate(await build(t, files, { resolvePackages: true }))['name'], 'one+two')
  await refusesToBuild(t, files, /plugin\.ts:1:\d+: "one" is a package/)
})

suite('a mistake is named with its file, line and column', () => {
  test('a syntax error', (t) =>
    refusesToBuild(t, { 'plugin.ts': 'export default {\n  a: ,\n}' }, /plugin\.ts:2:6: Unexpected ","/))
  test('a file that is not there', (t) =>
    refusesToBuild(
      t,
      { 'plugin.ts': "import './gone.ts'\nexport default {}" },
      /plugin\.ts:1:8: there is no file "gone\.ts"/,
    ))
  test('top-level await', (t) =>
    refusesToBuild(
      t,
      { 'plugin.ts': 'await 0\nexport default {}' },
      /plugin\.ts:1:1: top-level await is refused; move it/,
    ))
  test('no default export', (t) =>
    refusesToBuild(t, { 'plugin.ts': 'export const plugin = {}' }, /there is no default export/))
  test('no plugin.ts', (t) =>
    refusesToBuild(t, { 'other.ts': '' }, /there is no plugin\.ts in/, 'ERR_PLUGIN_NOT_FOUND'))
  test('a main that is not there', (t) =>
    refusesToBuild(
      t,
      { 'plugin.yaml': 'main: gate.ts' },
      /there is no gate\.ts \(the main of/,
      'ERR_PLUGIN_NOT_FOUND',
    ))
  test('no folder', () =>
    assert.rejects(buildFolder('/nowhere/at/all', {}), {
      code: 'ERR_PLUGIN_NOT_FOUND',
      message: /\/nowhere\/at\/all/,
    }))
})

test('a bundle over the limit is refused, with both numbers', async (t) => {
  const folder = await pluginFolder(t, {})
  await writeFile(join(folder, 'plugin.js'), `export default { big: '${'x'.repeat(513 * 1024)}' }`)
  await assert.rejects(buildFolder(folder, {}), {
    code: 'ERR_PLUGIN_BUILD',
    message: /has 51[3-9] KiB; the limit .* 512/,
  })
})

test('more builds than may run at once all end', async (t) => {
  const folder = await pluginFolder(t, { 'plugin.ts': "export default { name: 'many' }" })
  const built = await Promise.all([1, 2, 3, 4].map(() => buildFolder(folder, {})))
  assert.equal(new Set(built.map(({ code }) => code)).size, 1)
})
