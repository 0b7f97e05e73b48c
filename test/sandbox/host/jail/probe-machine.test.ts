import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { addonPath } from '../../../../sandbox/host/cells/cell-program.ts'
import { tryCommand } from '../../../../sandbox/host/jail/launch.ts'
import { probeMachine } from '../../../../sandbox/host/jail/probe-machine.ts'
import { findProgram } from '../../../../sandbox/host/jail/programs.ts'
import { BOUNDS } from '../../../support/jailed.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const PLACE = { addon: addonPath(), tree: undefined }

test('a program that is there and fails is told by its own words, and the next best is used', async () => {
  const folder = tempFolder({ bwrap: '#!/bin/sh\necho "bwrap: not on my watch" >&2; exit 1\n' })
  const bwrap = path.join(folder, 'bwrap')
  chmodSync(folder, 0o755)
  chmodSync(bwrap, 0o755)
  const find = (name: string): string | undefined => (name === 'bwrap' ? bwrap : findProgram(name))
  const { walls, failures } = await probeMachine({ ...PLACE, find })
  assert.equal(failures.get('bwrap'), 'bwrap: not on my watch')
  assert.equal(failures.get('seccomp'), 'bwrap: not on my watch')
  assert.notEqual(walls.namespaces?.by, 'bwrap')
})

test('without any program there is the process and the permission model', async () => {
  const { walls, jitless, command } = await probeMachine({ ...PLACE, find: () => undefined })
  assert.deepEqual(walls, {
    setpriv: undefined,
    prlimit: undefined,
    dropsUser: false,
    namespaces: undefined,
  })
  assert.equal(jitless, true)
  const { file, args } = command(BOUNDS)
  assert.deepEqual([file, args.includes('--permission')], [process.execPath, true])
})

test('a machine on which no cell could start is refused, with the reason', async () => {
  await assert.rejects(
    probeMachine({ find: () => undefined, tree: undefined, addon: '/nowhere/addon.node' }),
    {
      code: 'ERR_JAIL',
      message: /a layer that each jail needs does not stand: /,
    },
  )
})

const DELEGATED = {
  'b.service/cgroup.controllers': 'cpu memory pids\n',
  'b.service/cgroup.type': 'domain\n',
  'b.service/cgroup.procs': `${process.pid}\n`,
  'b.service/cgroup.subtree_control': '',
}

test('a cell joins its group before anything of it runs, and the group goes with it', {
  skip: findProgram('sh') === undefined ? 'sh is not installed' : false,
}, async () => {
  const root = tempFolder(DELEGATED)
  const tree = { root, membership: '0::/b.service\n', pid: process.pid }
  const { groups, command } = await probeMachine({ ...PLACE, find: findProgram, tree })
  assert.ok(groups !== undefined)
  const cell = command(BOUNDS)
  assert.deepEqual(cell.args.slice(0, 2), ['-c', 'echo 0 > "$1/cgroup.procs" && shift && exec "$@"'])
  const folder = cell.args[3] ?? ''
  assert.equal(existsSync(folder), true)
  const tried = await tryCommand({ ...cell, ended: () => undefined }, "require('node:fs').writeSync(3, 'in')")
  assert.deepEqual(tried, { ok: true, said: 'in' })
  assert.equal(readFileSync(path.join(folder, 'cgroup.procs'), 'utf8'), '0\n')
  // where the kernel has groups, their files are no obstacle
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  cell.ended?.()
  assert.equal(existsSync(folder), false)
})

test('groups that no process can join are a layer that does not stand, and no reason not to start', async () => {
  const root = tempFolder(DELEGATED)
  const tree = { root, membership: '0::/b.service\n', pid: process.pid }
  const shell = path.join(tempFolder({ sh: '#!/bin/sh\necho "no way in" >&2\nexit 1\n' }), 'sh')
  chmodSync(shell, 0o755)
  const find = (name: string): string | undefined => (name === 'sh' ? shell : findProgram(name))
  const { groups, failures } = await probeMachine({ ...PLACE, find, tree })
  assert.equal(groups, undefined)
  assert.equal(failures.get('cgroup'), 'a process cannot join a group: no way in')
})
