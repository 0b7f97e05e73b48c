import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { DEFAULT_NAMESPACE, readNamespace } from '../../../src/config/plugin-namespace.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('conf/deep', 'plugins/gate', 'module/submodule/file', 'inner/.git')

/** Reads a namespace as a config in `conf/deep` would; `entries` are what package.json says of it. */
function read(entries: unknown, name = 'ns', from = 'conf/deep'): { found: unknown; mistakes: string[] } {
  folder.write('package.json', JSON.stringify({ bulkhead: { plugins: { ns: entries } } }))
  const mistakes: string[] = []
  const plugins = readNamespace(name, path.join(folder.path, from), (message) =>
    mistakes.push(message.replaceAll(`${folder.path}/`, '')),
  )
  const found = [...plugins].map(([alias, { path: place, exportName = '' }]) => [
    alias,
    path.relative(folder.path, place),
    exportName,
  ])
  return { found, mistakes }
}

describe('a plugin namespace', () => {
  it('is read from the nearest package.json above the config', () => {
    assert.deepEqual(read({ plugin_alias: './plugins/gate' }), {
      found: [['plugin_alias', 'plugins/gate', '']],
      mistakes: [],
    })
  })

  it('takes an entry point as pyproject.toml has it, and a class behind a path', () => {
    const { found } = read({ a: 'module.submodule.file:ClassName', b: './plugins/gate:Gate' })
    assert.deepEqual(found, [
      ['a', 'module/submodule/file', 'ClassName'],
      ['b', 'plugins/gate', 'Gate'],
    ])
  })

  it('never leads out of the project', () => {
    const { found, mistakes } = read({ out: '../', gone: './none', odd: 7 })
    assert.deepEqual(found, [])
    assert.deepEqual(mistakes, [
      'package.json: bulkhead.plugins.ns.out: no plugin at "../" within the folder of package.json',
      'package.json: bulkhead.plugins.ns.gone: no plugin at "./none" within the folder of package.json',
      'package.json: bulkhead.plugins.ns.odd: no plugin at 7 within the folder of package.json',
    ])
  })

  it("is not looked for above a repository's root", () => {
    const { mistakes } = read({}, 'ns', 'inner')
    assert.match(mistakes.join(), /no such file in .*inner or in a folder above it of the same project/)
  })

  it('that is not there is named, with the nearest that is', () => {
    folder.write('package.json', '')
    assert.match(read({}, 'nss').mistakes.join(), /there is no plugin namespace "nss" in package.json/)
    const file = path.join(folder.path, 'inner', 'package.json')
    writeFileSync(file, '{ "bulkhead": { "plugins": 7 } }')
    assert.match(read({}, 'ns', 'inner').mistakes.join(), /bulkhead.plugins: expected a map of namespaces/)
    writeFileSync(file, '{')
    assert.match(read({}, 'ns', 'inner').mistakes.join(), /inner\/package.json: /)
  })

  it("that is the default one has aMQTT's aliases of the bundled plugins", () => {
    mkdirSync(path.join(folder.path, 'plain'), { recursive: true })
    const mistakes: string[] = []
    const plugins = readNamespace(DEFAULT_NAMESPACE, path.join(folder.path, 'inner'), (message) =>
      mistakes.push(message),
    )
    assert.match(plugins.get('event_logger_plugin')?.path ?? '', /plugins-examples\/event-logger$/)
    assert.match(plugins.get('topic_acl')?.path ?? '', /plugins-examples\/topic-acl$/)
  })
})
