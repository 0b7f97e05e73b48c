import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import fc from 'fast-check'
import { seccompFilter } from '../../../../sandbox/host/jail/seccomp-filter.ts'
import { syscallRules } from '../../../../sandbox/host/jail/syscall-rules.ts'
import { ARCHITECTURES, type Syscall, SYSCALLS } from '../../../../sandbox/host/jail/syscalls.ts'

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 }
const ALLOWED = 'allowed'
const { ENOSYS, EPERM } = constants.errno

/** A system call as the kernel shows it to a filter: arguments as twelve words of 32 bits. */
interface Call {
  readonly audit: number
  readonly number: number
  readonly words: readonly number[]
}

/** The kernel's part: runs a filter on a call. A program that leaves the road throws. */
function run(program: Uint8Array, { audit, number, words }: Call): string {
  const view = new DataView(program.buffer)
  const data = [number, audit, 0, 0, ...words]
  let accumulator = 0
  for (let at = 0; ; at += 8) {
    const code = view.getUint16(at, true)
    const operand = view.getUint32(at + 4, true)
    const jump = (holds: boolean): number => view.getUint8(holds ? at + 2 : at + 3) * 8
    if (code === 0x20) accumulator = data[operand / 4] ?? Number.NaN
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0
    else if (code === 0x15) at += jump(accumulator === operand)
    else if (code === 0x35) at += jump(accumulator >= operand)
    else if (code === 0x06) return action(operand)
    else throw new Error(`an instruction ${code} at ${at}`)
  }
}

function action(value: number): string {
  if (value === 0x7fff0000) return ALLOWED
  if (value === 0x80000000) return 'killed'
  return (value & 0xffff) === ENOSYS ? 'ENOSYS' : (value & 0xffff) === EPERM ? 'EPERM' : `${value}`
}

/** The rules as they read. */
function expected(jit: boolean, column: number, { number, words }: Call): string {
  const { free, checked } = syscallRules(jit)
  const name = (Object.keys(SYSCALLS) as Syscall[]).find((each) => SYSCALLS[each][column] === number)
  if (name === undefined) return 'ENOSYS'
  if (free.includes(name)) return ALLOWED
  const holds = checked
    .get(name)
    ?.some((all) => all.every(({ word, mask, value }) => ((words[word] ?? 0) & mask) >>> 0 === value))
  return holds === true ? ALLOWED : 'EPERM'
}

function filterOf(architecture: string, jit: boolean): Uint8Array {
  const filter = seccompFilter(architecture, jit)
  assert.ok(filter !== undefined)
  return filter
}

const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 0x22, 0x241, 0x5401, 0x5421, 0x10000, 0x3d0f00, 0x10010000),
  fc.nat(0xffffffff),
)
for (const [column, architecture] of ARCHITECTURES.entries()) {
  for (const jit of [false, true]) {
    test(`the program answers as the rules read (${architecture}, jit: ${jit})`, () => {
      const filter = filterOf(architecture, jit)
      const known = Object.values(SYSCALLS).flatMap((each) => each[column] ?? [])
      const number = fc.oneof(fc.constantFrom(...known), fc.nat(600))
      const words = fc.array(word, { minLength: 12, maxLength: 12 })
      fc.assert(
        fc.property(number, words, (number, words) => {
          const call = { audit: AUDIT[architecture], number, words }
          assert.equal(run(filter, call), expected(jit, column, call))
        }),
        { numRuns: 2000 },
      )
    })
  }
}

/** Calls by name, with the words that matter. */
const CALLS: readonly (readonly [what: string, number: number, words: readonly number[], answer: string])[] =
  [
    ['a thread', 56, [0x3d0f00], ALLOWED],
    ['a process (fork)', 56, [0x01200011], 'EPERM'],
    ['a thread in a user namespace', 56, [0x103d0f00], 'EPERM'],
    ['clone3', 435, [], 'ENOSYS'],
    ['a socket', 41, [2, 0, 1], 'ENOSYS'],
    ['a file to read', 257, [0, 0, 0, 0, 0x80000], ALLOWED],
    ['a file to write', 257, [0, 0, 0, 0, 1], 'EPERM'],
    ['a file to make', 257, [0, 0, 0, 0, 0x40], 'EPERM'],
    ['private memory', 9, [0, 0, 0, 0, 3, 0, 0x22], ALLOWED],
    ['shared memory', 9, [0, 0, 0, 0, 3, 0, 0x21], 'EPERM'],
    ["a library's code", 9, [0, 0, 0, 0, 5, 0, 2], ALLOWED],
    ['memory to fill and to run', 9, [0, 0, 0, 0, 7, 0, 0x22], 'EPERM'],
    ['memory that becomes code', 10, [0, 0, 0, 0, 5], 'EPERM'],
    ['its limits, to read', 302, [0, 0, 9, 0, 0, 0, 1, 1], ALLOWED],
    ['its limits, to set', 302, [0, 0, 9, 0, 0, 1], 'EPERM'],
    ['ptrace', 101, [], 'ENOSYS'],
  ]
for (const [what, number, given, answer] of CALLS) {
  test(`${what}: ${answer}`, () => {
    const words = Array.from({ length: 12 }, (_, index) => given[index] ?? 0)
    assert.equal(run(filterOf('x64', false), { audit: AUDIT.x64, number, words }), answer)
  })
}

test("another processor's numbers, and x32's, end the process", () => {
  const words = Array<number>(12).fill(0)
  const filter = filterOf('x64', false)
  assert.equal(run(filter, { audit: 0x40000003, number: 0, words }), 'killed')
  assert.equal(run(filter, { audit: AUDIT.x64, number: 0x40000000, words }), 'killed')
})

test('there is no filter for a processor whose numbers we do not know', () => {
  assert.equal(seccompFilter('riscv64', false), undefined)
})
