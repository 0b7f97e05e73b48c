import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  type Resolution,
  type ResolveOptions,
  resolveImport,
} from '../../../sandbox/bundle/resolve-import.ts'

const FILES = new Map(
  [
    'plugin.ts',
    'gate.ts',
    'lib/index.ts',
    'lib/topics.js',
    'lib/deep/rule.mts',
    'node_modules/flat/index.js',
    'node_modules/flat/node_modules/inner/index.js',
    'node_modules/inner/index.js',
    'node_modules/mapped/esm.js',
    'node_modules/mapped/cjs.js',
    'node_modules/mapped/features/a.js',
    'node_modules/@scope/pkg/index.js',
  ].map((path) => [path, '']),
)
FILES.set('node_modules/flat/package.json', '{}')
FILES.set('node_modules/flat/node_modules/inner/package.json', '{}')
FILES.set('node_modules/inner/package.json', '{}')
FILES.set('node_modules/@scope/pkg/package.json', '{"main":"./index.js"}')
FILES.set(
  'node_modules/mapped/package.json',
  JSON.stringify({
    exports: {
      '.': { types: './index.d.ts', require: './cjs.js', import: { node: './no.js', default: './esm.js' } },
      './features/*': './features/*.js',
      './out': '../../../secret.js',
    },
  }),
)

function resolve(importer: string, specifier: string, options: Partial<ResolveOptions> = {}): Resolution {
  return resolveImport(FILES, importer, specifier, { packages: true, kind: 'import', ...options })
}

suite('a relative import names a file of the map', () => {
  for (const [importer, specifier, path] of [
    ['plugin.ts', './gate.ts', 'gate.ts'],
    ['plugin.ts', './gate', 'gate.ts'],
    ['plugin.ts', './gate.js', 'gate.ts'],
    ['plugin.ts', './lib', 'lib/index.ts'],
    ['lib/index.ts', './deep/rule.mjs', 'lib/deep/rule.mts'],
    ['lib/deep/rule.mts', '../topics.js', 'lib/topics.js'],
    ['lib/deep/rule.mts', '../../gate.ts', 'gate.ts'],
    ['plugin.ts', './lib//./deep/../topics.js', 'lib/topics.js'],
  ] as const) {
    test(`${specifier} in ${importer} is ${path}`, () =>
      assert.deepEqual(resolve(importer, specifier), { path }))
  }

  test('whatever is asked for, what comes out is a file of the map or a refusal', () => {
    const part = fc.constantFrom(
      '.',
      '..',
      '',
      'lib',
      'deep',
      'gate.ts',
      'etc',
      'passwd',
      'node_modules',
      'inner',
      '*',
    )
    const specifier = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.constantFrom(...FILES.keys()), fc.oneof(specifier, fc.string()), (importer, wanted) => {
        const resolution = resolve(importer, wanted)
        assert.ok('refused' in resolution ? resolution.refused !== '' : FILES.has(resolution.path))
      }),
    )
  })
})

suite('a package is looked for as Node does, inside the folder alone', () => {
  for (const [importer, specifier, path] of [
    ['plugin.ts', 'flat', 'node_modules/flat/index.js'],
    ['plugin.ts', '@scope/pkg', 'node_modules/@scope/pkg/index.js'],
    ['node_modules/flat/index.js', 'inner', 'node_modules/flat/node_modules/inner/index.js'],
    ['lib/deep/rule.mts', 'inner', 'node_modules/inner/index.js'],
    ['plugin.ts', 'mapped', 'node_modules/mapped/esm.js'],
    ['plugin.ts', 'mapped/features/a', 'node_modules/mapped/features/a.js'],
  ] as const) {
    test(`${specifier} in ${importer} is ${path}`, () =>
      assert.deepEqual(resolve(importer, specifier), { path }))
  }

  test('require takes the condition of that name', () => {
    assert.deepEqual(resolve('plugin.ts', 'mapped', { kind: 'require' }), {
      path: 'node_modules/mapped/cjs.js',
    })
  })

  test('exports that lead out of the folder are refused', () => {
    const resolution = resolve('plugin.ts', 'mapped/out')
    assert.match('refused' in resolution ? resolution.refused : resolution.path, /leads out/)
  })

  test('what a package does not export is refused', () => {
    assert.deepEqual(resolve('plugin.ts', 'mapped/esm.js'), {
      refused: 'package "mapped" does not export "./esm.js"',
    })
  })

  test('no package resolves where packages are not allowed', () => {
    assert.ok('refused' in resolve('plugin.ts', 'flat', { packages: false }))
  })
})
