import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()

describe('building a config', () => {
  it('gives the path of upgrades to ws listeners only', async () => {
    const { config, effective } = await folder.load(
      'listeners: { a: { type: tcp, bind: "h:1" }, b: { type: ws, bind: "h:2", path: /live } }',
    )
    assert.deepEqual(
      config.listeners.map(({ paths }) => paths),
      [[], ['/live']],
    )
    assert.match(JSON.stringify(effective), /"a":\{"type":"tcp","bind":"h:1","maxConnections":\d+\}/)
  })

  it('refuses a path that a tcp listener cannot have, and an address that is taken', async () => {
    const yaml = 'listeners:\n  a: { type: tcp, bind: "h:1", path: /x }\n  b: { type: tcp, bind: "h:1" }\n'
    assert.deepEqual(await folder.mistakes(yaml), [
      'broker.yaml:2:32 listeners.a: a tcp listener has no path',
      'broker.yaml:3:25 listeners.b.bind: the listener "a" has this address already',
    ])
  })

  it('lets several listeners leave the port to the system', async () => {
    const { config } = await folder.load(
      'listeners: { a: { type: tcp, bind: "h:0" }, b: { type: tcp, bind: "h:0" } }',
    )
    assert.equal(config.listeners.length, 2)
  })

  it('finds the data folder from the config file, and keeps what is acknowledged on the disk', async () => {
    const { config, warnings } = await folder.load('anonymous: true\ndata: ./data')
    assert.equal(config.data, path.join(config.baseDir, 'data'))
    assert.equal(config.durability, 'fsync')
    assert.deepEqual(warnings, [])
  })
})
