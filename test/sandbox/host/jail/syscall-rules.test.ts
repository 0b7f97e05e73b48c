import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syscallRules } from '../../../../sandbox/host/jail/syscall-rules.ts'
import { SYSCALLS } from '../../../../sandbox/host/jail/syscalls.ts'

for (const jit of [false, true]) {
  test(`each call of the list is either free or checked (jit: ${jit})`, () => {
    const { free, checked } = syscallRules(jit)
    assert.deepEqual([...free, ...checked.keys()].toSorted(), Object.keys(SYSCALLS).toSorted())
  })
}

test('generated code is what jit adds, and nothing else', () => {
  const [without, having] = [syscallRules(false), syscallRules(true)]
  const freed = having.free.filter((name) => !without.free.includes(name))
  assert.deepEqual(freed, ['mprotect'])
})
