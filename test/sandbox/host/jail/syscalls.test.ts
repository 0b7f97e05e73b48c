import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ARCHITECTURES, SYSCALLS } from '../../../../sandbox/host/jail/syscalls.ts'

for (const [column, architecture] of ARCHITECTURES.entries()) {
  test(`no two calls of ${architecture} have one number`, () => {
    const numbers = Object.values(SYSCALLS).flatMap((each) => each[column] ?? [])
    assert.equal(new Set(numbers).size, numbers.length)
  })
}

test('nothing in the list reaches for networks, other processes, the kernel or files to change', () => {
  const names: readonly string[] = Object.keys(SYSCALLS)
  const dangers = ['socket', 'connect', 'bind', 'fork', 'vfork', 'clone3', 'ptrace', 'kill', 'bpf', 'mount']
  const more = [
    'unshare',
    'setns',
    'open',
    'unlinkat',
    'memfd_create',
    'io_uring_setup',
    'userfaultfd',
    'keyctl',
  ]
  assert.deepEqual(
    [...dangers, ...more].filter((name) => names.includes(name)),
    [],
  )
})
