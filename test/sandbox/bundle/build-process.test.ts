import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { build, buildFolder, evaluate, refusesToBuild } from '../../support/build-plugin.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

// Each trick that is known to bring a file of the host into a bundle, and the bombs.

/** A word that is in no bundle unless somebody's file leaked into it. */
const SECRET = 'the-secret-of-the-host'

const tricks: readonly (readonly [string, (outside: string) => string, RegExp])[] = [
  ['an absolute import', (outside) => `import x from '${outside}/secret.js'`, /is an absolute path/],
  [
    'an import of a file URL',
    (outside) => `import x from 'file://${outside}/secret.js'`,
    /does not exist in a plugin/,
  ],
  ['a way up and out', () => "import x from '../../../../etc/passwd'", /leads out of the plugin's folder/],
  [
    'a way out through a folder',
    () => "import x from './lib/../../secret.js'",
    /leads out of the plugin's folder/,
  ],
  [
    'the text attribute',
    () => "import x from './notes.json' with { type: 'text' }",
    /with \{ type: "text" \} is refused/,
  ],
  ['a Node module', () => "import x from 'node:fs'", /there is no Node here/],
  ['a bare import that the broker itself has', () => "import x from 'esbuild'", /is a package/],
  ['the broker', () => "import x from 'bulkhead'", /is a package/],
  [
    'a require glob',
    (outside) => `const x = require(\`${outside}/\${globalThis.n}.js\`)`,
    /computed name are refused/,
  ],
  [
    'a relative require glob',
    () => 'const x = require(`../secret/${globalThis.n}.js`)',
    /computed name are refused/,
  ],
  [
    'a concatenated require glob',
    () => "const x = require('./' + globalThis.n)",
    /computed name are refused/,
  ],
  ['an import glob', () => 'const x = import(`../../${globalThis.n}.js`)', /computed name are refused/],
  [
    'an import glob in a choice',
    () => "const x = import(globalThis.n ? './a' : `../${globalThis.n}`)",
    /computed name/,
  ],
  ['a computed import', () => 'const x = import(globalThis.n)', /computed name are refused/],
  ['a computed require', () => 'const x = require(globalThis.n)', /computed name are refused/],
  ['require as a value', () => 'const r = require; const x = r("./a")', /only known as require/],
]
for (const [name, statement, message] of tricks) {
  test(`${name} is refused`, async (t) => {
    const outside = await pluginFolder(t, { 'secret.js': `export default '${SECRET}'` })
    await refusesToBuild(
      t,
      { 'plugin.ts': `${statement(outside)}\nexport default { x }`, 'notes.json': '{}' },
      message,
    )
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
    await assert.rejects(buildFolder(folder, {}), { code: 'ERR_PLUGIN_BUILD', message: /is a symlink/ })
  }
})

test('paths of a tsconfig.json lead nowhere', async (t) => {
  const outside = await pluginFolder(t, { 'secret.ts': `export default '${SECRET}'` })
  const tsconfig = { compilerOptions: { baseUrl: '.', paths: { secret: [join(outside, 'secret.ts')] } } }
  await refusesToBuild(
    t,
    {
      'plugin.ts': "import x from 'secret'\nexport default { x }",
      'tsconfig.json': JSON.stringify(tsconfig),
    },
    /"secret" is a package/,
  )
})

test('main and browser of a package.json lead nowhere', async (t) => {
  const outside = await pluginFolder(t, { 'secret.js': `export default '${SECRET}'` })
  const secret = join(outside, 'secret.js')
  const manifest = JSON.stringify({ main: secret, module: secret, browser: { './a.js': secret } })
  await refusesToBuild(
    t,
    { 'plugin.ts': "import x from './lib'\nexport default { x }", 'lib/package.json': manifest },
    /there is no file "lib"/,
  )
  const built = await build(t, {
    'plugin.ts': "import x from './a.js'\nexport default { x }",
    'a.js': "export default 'own'",
    'package.json': manifest,
  })
  assert.equal(evaluate(built)['x'], 'own')
})

test('exports of a dependency lead nowhere outside', async (t) => {
  const files = {
    'plugin.ts': "import x from 'one'\nexport default { x }",
    'package.json': '{"dependencies":{"one":"1"}}',
    'node_modules/one/package.json': '{"exports":"./../../../../etc/passwd"}',
  }
  await assert.rejects(build(t, files, { resolvePackages: true }), {
    code: 'ERR_PLUGIN_BUILD',
    message: /leads out/,
  })
})

test('a parent’s node_modules is not looked into', async (t) => {
  const parent = await pluginFolder(t, {
    'gate/plugin.ts': "import x from 'one'\nexport default { x }",
    'gate/package.json': '{"dependencies":{"one":"1"}}',
    'node_modules/one/package.json': '{}',
    'node_modules/one/index.js': `export default '${SECRET}'`,
  })
  await assert.rejects(buildFolder(join(parent, 'gate'), { resolvePackages: true }), {
    code: 'ERR_PLUGIN_BUILD',
  })
})

test('three million brackets end their own builder, and the next build is fine', async (t) => {
  await refusesToBuild(t, { 'plugin.ts': '['.repeat(3_000_000) }, /the bundler gave up/)
  assert.equal(evaluate(await build(t, { 'plugin.ts': "export default { name: 'next' }" }))['name'], 'next')
})
