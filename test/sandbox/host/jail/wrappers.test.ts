import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NamespaceWall, type Walls, wrapperArgs } from '../../../../sandbox/host/jail/wrappers.ts'
import { BOUNDS } from '../../../support/jailed.ts'

const PLAIN: Walls = { setpriv: '/s', prlimit: '/p', dropsUser: false, namespaces: undefined }
const BWRAP: NamespaceWall = {
  by: 'bwrap',
  file: '/b',
  counter: '/u',
  ownProc: false,
  seccomp: 4,
  files: ['/node', '/lib.so'],
}
const UNSHARE: NamespaceWall = {
  by: 'unshare',
  file: '/u',
  counter: undefined,
  ownProc: true,
  seccomp: undefined,
  files: [],
}

function counted(namespaces: NamespaceWall | undefined): boolean {
  return wrapperArgs({ ...PLAIN, namespaces }, BOUNDS).includes('--nproc=64')
}

function programs(walls: Walls): readonly string[] {
  return wrapperArgs(walls, BOUNDS).filter((word) => /^\/[spbu]$/.test(word))
}

test('the wrapper that ties a cell to its broker is the outermost', () => {
  assert.deepEqual(programs({ ...PLAIN, namespaces: BWRAP }), ['/s', '/u', '/p', '/b'])
  assert.deepEqual(programs({ ...PLAIN, namespaces: UNSHARE }), ['/s', '/u', '/p'])
  assert.deepEqual(programs({ ...PLAIN, setpriv: undefined }), ['/p'])
})

test("processes are counted only where they are the cell's alone", () => {
  assert.deepEqual([BWRAP, UNSHARE].map(counted), [true, true])
  assert.deepEqual([undefined, { ...BWRAP, counter: undefined }].map(counted), [false, false])
})

test('a JIT reserves too much for the memory wall, and has address space for it', () => {
  const line = wrapperArgs(PLAIN, { ...BOUNDS, jit: true })
  assert.ok(line.includes('--as=4000000000'))
  assert.ok(!line.some((word) => word.startsWith('--data')))
})

test('each isolate has address space of its own', () => {
  assert.ok(wrapperArgs(PLAIN, { ...BOUNDS, isolates: 8 }).includes('--as=3900000000'))
  assert.ok(wrapperArgs(PLAIN, { ...BOUNDS, isolates: 8, jit: true }).includes('--as=11000000000'))
})

test('a file system of its own has the files that are named, and is read-only', () => {
  const line = wrapperArgs({ ...PLAIN, namespaces: BWRAP }, BOUNDS).join(' ')
  assert.ok(line.includes('--ro-bind-try /node /node --ro-bind-try /lib.so /lib.so --remount-ro /'))
  assert.doesNotMatch(line, /--(bind|dev|proc|tmpfs)\b/)
})

test('a broker that is root gives its privileges up for its cells', () => {
  const line = wrapperArgs({ ...PLAIN, dropsUser: true }, BOUNDS).join(' ')
  assert.ok(line.startsWith('/s --pdeathsig KILL --no-new-privs --reuid=65534 --regid=65534 --clear-groups'))
})
