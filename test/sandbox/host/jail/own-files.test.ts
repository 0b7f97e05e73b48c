import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { ownFiles } from '../../../../sandbox/host/jail/own-files.ts'

test('a cell needs Node, its libraries and the addon, by absolute paths, each once', () => {
  const files = ownFiles('/somewhere/addon.node')
  assert.equal(files[0], process.execPath)
  assert.equal(files.at(-1), '/somewhere/addon.node')
  assert.ok(files.every((path) => path.startsWith('/')))
  assert.equal(new Set(files).size, files.length)
})

test('all of its libraries are there', { skip: process.platform === 'linux' ? false : 'no Linux' }, () => {
  const libraries = ownFiles('').filter((path) => path.includes('.so.') && !path.endsWith('.cache'))
  assert.ok(libraries.length > 1)
  assert.ok(libraries.every((path) => existsSync(path)))
})
