import assert from 'node:assert/strict'
import { symlink, writeFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import vm from 'node:vm'
import { buildBundle, type BuildOptions, type BuiltCode } from '../../../sandbox/bundle/build-bundle.ts'
import type { ErrorCode } from '../../../src/base/errors.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

type Files = Readonly<Record<string, string>>

async function build(t: TestContext, files: Files, options: BuildOptions = {}): Promise<BuiltCode> {
  return buildBundle(await pluginFolder(t, files), options)
}

async function refuses(t: TestContext, files: Files, message: RegExp, code: ErrorCode = 'ERR_PLUGIN_BUILD') {
  await assert.rejects(build(t, files), { code, message })
}

/** The bundle's own text is trusted here: every test wrote it. */
function evaluate(code: string): { default: Record<string, unknown> } {
  return vm.runInNewContext(`${code};__bulkhead_plugin`)
}

/** A word that is in no bundle unless somebody's file leaked into it. */
const SECRET = 'the-secret-of-the-host'

suite('a plugin becomes one script', () => {
  test('types are stripped, files and the SDK are bundled, the namespace is left in one global', async (t) => {
    const { code } = await build(t, {
      'plugin.ts': `import { definePlugin, deny } from 'bulkhead/plugin'
        import { limit } from './lib/limit.js'
        import data from './data.json'
        export default definePlugin({ name: data.name, authorizePublish: (): unknown => deny({ code: limit as 0x87 }) })`,
      'lib/limit.ts': 'export const limit: number = 0x87',
      'data.json': '{"name":"from-json"}',
    })
    const plugin = evaluate(code).default
    assert.equal(plugin['name'], 'from-json')
    assert.deepEqual({ ...(plugin['authorizePublish'] as () => object)() }, { code: 0x87, verdict: 'deny' })
  })

  test('the script is strict, as modules are', async (t) => {
    const { code } = await build(t, { 'plugin.js': 'export default { frozen() { Object.freeze({ a: 1 }).a = 2 } }' })
    assert.throws(evaluate(code).default['frozen'] as () => void, /read only property/)
  })

  test('a position in the script maps to the file as the author names it', async (t) => {
    const { code, sourceMap } = await build(t, {
      'plugin.ts': "import './lib/deep.ts'\nexport default {}",
      'lib/deep.ts': "\n\nexport const here: string = 'needle'\nconsole.log(here)",
    })
    const line = code.split('\n').findIndex((text) => text.includes('needle'))
    const column = code.split('\n')[line]?.indexOf('needle') ?? -1
    const entry = new SourceMap(JSON.parse(sourceMap)).findEntry(line, column)
    assert.ok('originalSource' in entry)
    assert.equal(entry.originalSource, 'lib/deep.ts')
    assert.equal(entry.originalLine, 2)
  })

  test('a named export takes the place of the default one, and the default one is the fallback', async (t) => {
    const files = { 'plugin.ts': "export const Gate = { name: 'gate' }\nexport default { name: 'default' }" }
    assert.equal(evaluate((await build(t, files, { exportName: 'Gate' })).code).default['name'], 'gate')
    assert.equal(evaluate((await build(t, files, { exportName: 'Fence' })).code).default['name'], 'default')
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
      'node_modules/one/package.json': '{"exports":{".":{"import":"./lib/main.js"}},"dependencies":{"two":"1"}}',
      'node_modules/one/lib/main.js': "import two from 'two'\nexport const one = 'one+' + two",
      'node_modules/two/package.json': '{"main":"index.js"}',
      'node_modules/two/index.js': "module.exports = 'two'",
    }
    assert.equal(evaluate((await build(t, files, { resolvePackages: true })).code).default['name'], 'one+two')
    await refuses(t, files, /plugin\.ts:1:\d+: "one" is a package/)
  })
})

suite('a mistake is named with its file, line and column', () => {
  test('a syntax error', (t) => refuses(t, { 'plugin.ts': 'export default {\n  a: ,\n}' }, /plugin\.ts:2:6: Unexpected ","/))
  test('a file that is not there', (t) =>
    refuses(t, { 'plugin.ts': "import './gone.ts'\nexport default {}" }, /plugin\.ts:1:8: there is no file "gone\.ts"/))
  test('top-level await', (t) =>
    refuses(t, { 'plugin.ts': 'await 0\nexport default {}' }, /plugin\.ts:1:1: top-level await is refused; move it/))
  test('no default export', (t) => refuses(t, { 'plugin.ts': 'export const plugin = {}' }, /there is no default export/))
  test('no plugin.ts', (t) => refuses(t, { 'other.ts': '' }, /there is no plugin\.ts in/, 'ERR_PLUGIN_NOT_FOUND'))
  test('a main that is not there', (t) =>
    refuses(t, { 'plugin.yaml': 'main: gate.ts' }, /there is no gate\.ts \(the main of/, 'ERR_PLUGIN_NOT_FOUND'))
  test('no folder', () =>
    assert.rejects(buildBundle('/nowhere/at/all', {}), { code: 'ERR_PLUGIN_NOT_FOUND', message: /\/nowhere\/at\/all/ }))
})

suite('nothing but the folder can come into the bundle', () => {
  const tricks: readonly (readonly [string, (outside: string) => string, RegExp])[] = [
    ['an absolute import', (outside) => `import x from '${outside}/secret.js'`, /is an absolute path/],
    ['an import of a file URL', (outside) => `import x from 'file://${outside}/secret.js'`, /does not exist in a plugin/],
    ['a way up and out', () => "import x from '../../../../etc/passwd'", /leads out of the plugin's folder/],
    ['a way out through a folder', () => "import x from './lib/../../secret.js'", /leads out of the plugin's folder/],
    ['the text attribute', () => "import x from './notes.json' with { type: 'text' }", /with \{ type: "text" \} is refused/],
    ['a Node module', () => "import x from 'node:fs'", /there is no Node here/],
    ['a bare import that the broker itself has', () => "import x from 'esbuild'", /is a package/],
    ['the broker', () => "import x from 'bulkhead'", /is a package/],
    ['a require glob', (outside) => `const x = require(\`${outside}/\${globalThis.n}.js\`)`, /computed name are refused/],
    ['a relative require glob', () => 'const x = require(`../secret/${globalThis.n}.js`)', /computed name are refused/],
    ['a concatenated require glob', () => "const x = require('./' + globalThis.n)", /computed name are refused/],
    ['an import glob', () => 'const x = import(`../../${globalThis.n}.js`)', /computed name are refused/],
    ['an import glob in a choice', () => "const x = import(globalThis.n ? './a' : `../${globalThis.n}`)", /computed name/],
    ['a computed import', () => 'const x = import(globalThis.n)', /computed name are refused/],
    ['a computed require', () => 'const x = require(globalThis.n)', /computed name are refused/],
    ['require as a value', () => 'const r = require; const x = r("./a")', /only known as require/],
  ]
  for (const [name, statement, message] of tricks) {
    test(`${name} is refused`, async (t) => {
      const outside = await pluginFolder(t, { 'secret.js': `export default '${SECRET}'` })
      await refuses(t, { 'plugin.ts': `${statement(outside)}\nexport default { x }`, 'notes.json': '{}' }, message)
    })
  }

  test('a symlink is refused, to a file and to a folder', async (t) => {
    const outside = await pluginFolder(t, { 'secret.js': `export default '${SECRET}'` })
    for (const [target, link] of [
      [join(outside, 'secret.js'), 'secret.js'],
      [outside, 'lib'],
    ] as const) {
      const folder = await pluginFolder(t, { 'plugin.ts': 'export default {}' })
      await symlink(target, join(folder, link))
      await assert.rejects(buildBundle(folder, {}), { code: 'ERR_PLUGIN_BUILD', message: /is a symlink/ })
    }
  })

  test('paths of a tsconfig.json lead nowhere', async (t) => {
    const outside = await pluginFolder(t, { 'secret.ts': `export default '${SECRET}'` })
    const tsconfig = { compilerOptions: { baseUrl: '.', paths: { secret: [join(outside, 'secret.ts')] } } }
    await refuses(
      t,
      { 'plugin.ts': "import x from 'secret'\nexport default { x }", 'tsconfig.json': JSON.stringify(tsconfig) },
      /"secret" is a package/,
    )
  })

  test('main and browser of a package.json lead nowhere', async (t) => {
    const outside = await pluginFolder(t, { 'secret.js': `export default '${SECRET}'` })
    const secret = join(outside, 'secret.js')
    const manifest = JSON.stringify({ main: secret, module: secret, browser: { './a.js': secret } })
    await refuses(
      t,
      { 'plugin.ts': "import x from './lib'\nexport default { x }", 'lib/package.json': manifest },
      /there is no file "lib"/,
    )
    const built = await build(t, {
      'plugin.ts': "import x from './a.js'\nexport default { x }",
      'a.js': "export default 'own'",
      'package.json': manifest,
    })
    assert.equal(evaluate(built.code).default['x'], 'own')
  })

  test('exports of a dependency lead nowhere outside', async (t) => {
    const files = {
      'plugin.ts': "import x from 'one'\nexport default { x }",
      'package.json': '{"dependencies":{"one":"1"}}',
      'node_modules/one/package.json': '{"exports":"./../../../../etc/passwd"}',
    }
    await assert.rejects(build(t, files, { resolvePackages: true }), { code: 'ERR_PLUGIN_BUILD', message: /leads out/ })
  })

  test('a parent’s node_modules is not looked into', async (t) => {
    const parent = await pluginFolder(t, {
      'gate/plugin.ts': "import x from 'one'\nexport default { x }",
      'gate/package.json': '{"dependencies":{"one":"1"}}',
      'node_modules/one/package.json': '{}',
      'node_modules/one/index.js': `export default '${SECRET}'`,
    })
    await assert.rejects(buildBundle(join(parent, 'gate'), { resolvePackages: true }), { code: 'ERR_PLUGIN_BUILD' })
  })
})

suite('a bomb dies alone', () => {
  test('three million brackets end their own builder, and the next build is fine', async (t) => {
    await refuses(t, { 'plugin.ts': '['.repeat(3_000_000) }, /the bundler gave up/)
    assert.equal(evaluate((await build(t, { 'plugin.ts': "export default { name: 'next' }" })).code).default['name'], 'next')
  })

  test('a bundle over the limit is refused, with both numbers', async (t) => {
    const folder = await pluginFolder(t, {})
    await writeFile(join(folder, 'plugin.js'), `export default { big: '${'x'.repeat(513 * 1024)}' }`)
    await assert.rejects(buildBundle(folder, {}), { code: 'ERR_PLUGIN_BUILD', message: /has 51[3-9] KiB; the limit .* 512/ })
  })

  test('more builds than may run at once all end', async (t) => {
    const folder = await pluginFolder(t, { 'plugin.ts': "export default { name: 'many' }" })
    const built = await Promise.all([1, 2, 3, 4].map(() => buildBundle(folder, {})))
    assert.equal(new Set(built.map(({ code }) => code)).size, 1)
  })
})
