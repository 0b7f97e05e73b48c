import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { addonPath } from '../../../../sandbox/host/cell-program.ts'
import { probeMachine } from '../../../../sandbox/host/jail/probe-machine.ts'
import { findProgram } from '../../../../sandbox/host/jail/programs.ts'
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
  const { file, args } = command({ dataMiB: 300, rssMiB: 256, isolates: 1, jit: false })
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
