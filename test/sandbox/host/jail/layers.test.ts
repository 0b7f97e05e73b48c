import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeLayers } from '../../../../sandbox/host/jail/layers.ts'
import type { Findings, Part } from '../../../../sandbox/host/jail/probe-machine.ts'

const NOTHING: Findings = {
  walls: { setpriv: undefined, prlimit: undefined, dropsUser: false, namespaces: undefined },
  groups: undefined,
  failures: new Map<Part, string>([
    ['setpriv', 'setpriv is not installed'],
    ['prlimit', 'prlimit is not installed'],
    ['bwrap', 'bwrap is not installed'],
    ['unshare', 'unshare: no room'],
    ['seccomp', 'bwrap is not installed'],
    ['cgroup', 'this system has no control groups of version 2'],
    ['user', 'setpriv is not installed'],
  ]),
  jitless: true,
  command: () => ({ file: '', args: [] }),
}

test('each layer is named, whether it stands or not, innermost first', () => {
  const names = describeLayers(NOTHING, false).map(({ name }) => name)
  const inner = ['process', 'permission', 'jitless', 'sampling', 'parent-death', 'rlimits', 'user']
  assert.deepEqual(names, [...inner, 'namespaces', 'files', 'seccomp', 'cgroup'])
})

test('a layer that does not stand says why, and a remedy', () => {
  for (const { name, stands, detail, mend } of describeLayers(NOTHING, false)) {
    assert.notEqual(detail, '', name)
    assert.equal(mend === '', stands, name)
  }
  const namespaces = describeLayers(NOTHING, false).find(({ name }) => name === 'namespaces')
  assert.equal(namespaces?.detail, 'bwrap is not installed; unshare: no room')
  assert.equal(namespaces.mend, 'Install bubblewrap.')
})

test('a Node that generates code in spite of --jitless is a layer that does not stand', () => {
  const layer = describeLayers({ ...NOTHING, jitless: false }, true).find(({ name }) => name === 'jitless')
  assert.equal(layer?.stands, false)
})

test('minimal has no outer layers', () => {
  assert.equal(describeLayers(NOTHING, true).length, 3)
})
