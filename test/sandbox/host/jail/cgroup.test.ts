import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type GroupTree, machineTree, openCellGroups } from '../../../../sandbox/host/jail/cgroup.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const DELEGATED = {
  'b.service/cgroup.controllers': 'cpuset cpu io memory pids\n',
  'b.service/cgroup.type': 'domain\n',
  'b.service/cgroup.procs': '42\n',
  'b.service/cgroup.subtree_control': '',
}

/** A folder that has the files of the kernel's tree. */
function tree(files: Readonly<Record<string, string>>, membership = '0::/b.service\n'): GroupTree {
  return { root: tempFolder(files), membership, pid: 42 }
}

function read(folder: string, file: string): string {
  return readFileSync(path.join(folder, file), 'utf8')
}

test('the broker moves into a group of its own, and hands its limits on', () => {
  const place = tree(DELEGATED)
  openCellGroups(place)
  const base = path.join(place.root, 'b.service')
  assert.equal(read(base, 'broker/cgroup.procs'), '42')
  assert.equal(read(base, 'cgroup.subtree_control'), '+memory +cpu +pids')
})

test('a broker that was put into such a group already stays there', () => {
  const below = { 'b.service/broker/cgroup.controllers': '', 'b.service/broker/cgroup.procs': '42\n' }
  const place = tree({ ...DELEGATED, ...below }, '0::/b.service/broker\n')
  openCellGroups(place)
  assert.equal(existsSync(path.join(place.root, 'b.service/broker/broker')), false)
  assert.equal(read(place.root, 'b.service/cgroup.subtree_control'), '+memory +cpu +pids')
})

test('each cell has a group with its limits; no two have one', () => {
  const groups = openCellGroups(tree(DELEGATED))
  const [one, other] = [groups.create(256), groups.create(64)]
  assert.notEqual(one, other)
  assert.equal(read(one, 'memory.max'), '268435456')
  assert.equal(read(other, 'memory.max'), '67108864')
  assert.equal(read(one, 'memory.oom.group'), '1')
  assert.equal(read(one, 'cpu.max'), '100000 100000')
  assert.equal(read(one, 'pids.max'), '64')
})

test('a group that cannot be removed yet is removed when the next one goes', () => {
  const groups = openCellGroups(tree(DELEGATED))
  const [one, other] = [groups.create(256), groups.create(256)]
  groups.remove(one)
  assert.equal(existsSync(one), true)
  // where the kernel has groups, their files are no obstacle: here the folders are emptied by hand
  for (const folder of [one, other]) {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
  }
  groups.remove(other)
  assert.deepEqual([existsSync(one), existsSync(other)], [false, false])
})

test('what is left in a group is killed with it', () => {
  const groups = openCellGroups(tree(DELEGATED))
  const folder = groups.create(256)
  writeFileSync(path.join(folder, 'cgroup.kill'), '')
  groups.remove(folder)
  assert.equal(read(folder, 'cgroup.kill'), '1')
})

test('empty groups of a broker that was killed go when the next one starts', () => {
  const place = tree(DELEGATED)
  const left = path.join(place.root, 'b.service/cell-41-7')
  mkdirSync(left)
  openCellGroups(place)
  assert.equal(existsSync(left), false)
})

const REFUSED: Readonly<Record<string, readonly [GroupTree, RegExp]>> = {
  'has version 1 alone': [tree({}, '4:memory:/x\n'), /no control groups of version 2/],
  'has no tree there': [tree({}), /is not a tree of control groups/],
  'has it in the root group': [
    tree({ 'b.service/cgroup.controllers': 'memory cpu pids' }),
    /root group of the machine/,
  ],
  'keeps controllers back': [
    tree({ ...DELEGATED, 'b.service/cgroup.controllers': 'cpu\n' }),
    /no controller for memory, pids/,
  ],
  'has other processes there': [
    tree({ ...DELEGATED, 'b.service/cgroup.procs': '41\n42\n' }),
    /other processes \(41\)/,
  ],
}
for (const [what, [place, message]] of Object.entries(REFUSED)) {
  test(`there are no groups on a machine that ${what}, and it says so`, () => {
    assert.throws(() => openCellGroups(place), { code: 'ERR_JAIL', message })
  })
}

const here = machineTree()
const real = existsSync(path.join(here.root, 'cgroup.controllers'))
test('the tree of this machine is read', { skip: real ? false : 'no cgroup v2 tree is mounted here' }, () => {
  assert.match(here.membership, /^0::\//m)
})
