import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { locatePlugin, pluginEntries } from '../../../src/config/plugin-entries.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate', 'plugins/gate', 'module/submodule/file', 'v1.2.gate')

function named(plugins: unknown): (readonly [string, string, unknown])[] {
  return pluginEntries(plugins, '/plugins').map(({ name, use, options }) => [name, use, options])
}

describe('the entries of plugins', () => {
  it('are a map of paths to options, in which no value means no options', () => {
    assert.deepEqual(named({ './plugins/gate': { users: ['alice'] }, OneClassName: null }), [
      ['gate', './plugins/gate', { users: ['alice'] }],
      ['OneClassName', 'OneClassName', {}],
    ])
  })

  it('are a list of names', () => {
    assert.deepEqual(named(['./dist/gate.bundle.json', 'module.file.OneClass']), [
      ['gate', './dist/gate.bundle.json', {}],
      ['module.file.OneClass', 'module.file.OneClass', {}],
    ])
  })

  it('have a long form, by which one folder may be loaded twice', () => {
    assert.deepEqual(named({ one: { use: './gate', config: { n: 1 } }, two: { use: './gate' } }), [
      ['one', './gate', { n: 1 }],
      ['two', './gate', {}],
    ])
  })

  it('have secrets in the long form alone', () => {
    const secrets = { key: 'value' }
    const entries = pluginEntries({ './gate': { secrets }, long: { use: './gate', secrets } }, '/plugins')
    assert.deepEqual(
      entries.map((entry) => [entry.secrets, entry.options]),
      [
        [{}, { secrets }],
        [secrets, {}],
      ],
    )
  })

  it('are called by their whole path where the last part is taken', () => {
    const names = named({ './gate': {}, './plugins/gate': {}, gate: { use: './other' } }).map(
      ([name]) => name,
    )
    assert.deepEqual(names, ['./gate', './plugins/gate', 'gate'])
  })

  it('may be a list of names, and of maps', () => {
    const entries = pluginEntries(['./a', { './b': { x: 1 }, c: { use: './c' } }], '/plugins')
    assert.deepEqual(
      entries.map(({ name, options, pointer }) => [name, options, pointer]),
      [
        ['a', {}, '/plugins/0'],
        ['b', { x: 1 }, '/plugins/1/.~1b'],
        ['c', {}, '/plugins/1/c'],
      ],
    )
  })

  it('know where their options stand', () => {
    const entries = pluginEntries({ './gate': {}, long: { use: './gate', config: {} } }, '/plugins')
    assert.deepEqual(
      entries.map(({ optionsPointers }) => optionsPointers),
      [['/plugins/.~1gate'], ['/plugins/long/config']],
    )
  })
})

/** The path from the config's folder, and the export. */
function place(use: string): unknown {
  const found = locatePlugin(use, folder.path)
  return found && [path.relative(folder.path, found.path), found.exportName]
}

describe('the place of a plugin', () => {
  it('is a path relative to the config, or an absolute one', () => {
    assert.deepEqual(place('./plugins/gate'), ['plugins/gate', undefined])
    assert.deepEqual(place(path.join(folder.path, 'gate')), ['gate', undefined])
  })

  it('is an export of a folder when its name has dots', () => {
    assert.deepEqual(place('module.submodule.file.TwoClassName'), ['module/submodule/file', 'TwoClassName'])
  })

  it('is the folder whose name has dots, if there is one', () => {
    assert.deepEqual(place('v1.2.gate'), ['v1.2.gate', undefined])
  })

  it('is none where nothing is', () => {
    assert.equal(place('./gone'), undefined)
    assert.equal(place('module.gone.OneClass'), undefined)
    assert.equal(place('gone'), undefined)
  })
})
