import { constants } from 'node:os'
import { assert } from '../../../src/base/assert.ts'
import { type Alternatives, syscallRules } from './syscall-rules.ts'
import { type Architecture, ARCHITECTURES, type Syscall, SYSCALLS } from './syscalls.ts'

/** One instruction of classic BPF, as linux/filter.h has it: code, jumps if true and if false, operand. */
interface Instruction {
  readonly code: number
  readonly jumpTrue: number
  readonly jumpFalse: number
  readonly operand: number
}

/**
 * The rules for system calls as the program that the kernel runs at each of them, in the form that
 * `bwrap --seccomp` reads; undefined for a processor whose numbers we do not know.
 *
 * A call that is not in the rules fails as if the kernel did not have it (ENOSYS), so that a C library falls
 * back to an older one; one whose arguments do not fit fails with EPERM. A call by the numbers of another
 * processor ends the process: it can only mean to get around this.
 */
export function seccompFilter(architecture: string, jit: boolean): Uint8Array | undefined {
  const known = ARCHITECTURES.find((each) => each === architecture)
  if (known === undefined) return undefined
  const { free, checked } = syscallRules(jit)
  const instructions = [
    load(ARCHITECTURE_OFFSET),
    equal(AUDIT_ARCH[known], 1, 0),
    answer(KILL_PROCESS),
    load(NUMBER_OFFSET),
    // the x32 calls are the same processor's, with a bit set
    { code: JUMP_GREATER_EQUAL, jumpTrue: 0, jumpFalse: 1, operand: X32_CALLS },
    answer(KILL_PROCESS),
    ...free.flatMap((name) => guarded(known, name, [answer(ALLOW)])),
    ...[...checked].flatMap(([name, alternatives]) => guarded(known, name, checks(alternatives))),
    answer(failing(constants.errno.ENOSYS)),
  ]
  assert(instructions.length <= MAX_INSTRUCTIONS, 'the kernel takes the filter')
  return encode(instructions)
}

/** From linux/audit.h. */
const AUDIT_ARCH: Readonly<Record<Architecture, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 }

/** Where struct seccomp_data has its fields. */
const NUMBER_OFFSET = 0
const ARCHITECTURE_OFFSET = 4
const ARGUMENTS_OFFSET = 16
const X32_CALLS = 0x4000_0000

const LOAD_WORD = 0x20
const AND = 0x54
const JUMP_EQUAL = 0x15
const JUMP_GREATER_EQUAL = 0x35
const RETURN = 0x06

const KILL_PROCESS = 0x8000_0000
const ERRNO = 0x0005_0000
const ALLOW = 0x7fff_0000

const MAX_INSTRUCTIONS = 4096
const INSTRUCTION_BYTES = 8

function load(offset: number): Instruction {
  return { code: LOAD_WORD, jumpTrue: 0, jumpFalse: 0, operand: offset }
}

function equal(operand: number, jumpTrue: number, jumpFalse: number): Instruction {
  return { code: JUMP_EQUAL, jumpTrue, jumpFalse, operand }
}

function answer(action: number): Instruction {
  return { code: RETURN, jumpTrue: 0, jumpFalse: 0, operand: action }
}

function failing(errno: number): number {
  return ERRNO | errno
}

/** The body is for one call alone, and always answers. */
function guarded(
  architecture: Architecture,
  name: Syscall,
  body: readonly Instruction[],
): readonly Instruction[] {
  const number = SYSCALLS[name][ARCHITECTURES.indexOf(architecture)] ?? null
  return number === null ? [] : [equal(number, 0, body.length), ...body]
}

/** Each alternative allows, or goes on to the next; behind the last one the call is refused. */
function checks(alternatives: Alternatives): readonly Instruction[] {
  const bodies = alternatives.map((alternative) => {
    const size = alternative.length * 3 + 1
    const tests = alternative.flatMap(({ word, mask, value }, index) => [
      load(ARGUMENTS_OFFSET + word * 4),
      { code: AND, jumpTrue: 0, jumpFalse: 0, operand: mask },
      equal(value, 0, size - (index + 1) * 3),
    ])
    return [...tests, answer(ALLOW)]
  })
  return [...bodies.flat(), answer(failing(constants.errno.EPERM))]
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [index, { code, jumpTrue, jumpFalse, operand }] of instructions.entries()) {
    const at = index * INSTRUCTION_BYTES
    view.setUint16(at, code, true)
    view.setUint8(at + 2, jumpTrue)
    view.setUint8(at + 3, jumpFalse)
    view.setUint32(at + 4, operand, true)
  }
  return bytes
}
