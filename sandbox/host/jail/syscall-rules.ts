import { type Syscall, SYSCALLS } from './syscalls.ts'

/**
 * Holds if the bits of `mask` in a word of 32 bits are `value`. An argument is two words, the lower first.
 */
export interface Check {
  readonly word: number
  readonly mask: number
  readonly value: number
}

/** Any one of the alternatives is enough; in it, all checks have to hold. */
export type Alternatives = readonly (readonly Check[])[]

/** Which system calls the kernel does for a cell. What is not in here does not exist for it. */
export interface SyscallRules {
  readonly free: readonly Syscall[]
  readonly checked: ReadonlyMap<Syscall, Alternatives>
}

/** @param jit whether V8 may generate machine code: without, no page is ever both filled and executed. */
export function syscallRules(jit: boolean): SyscallRules {
  const checked = new Map(jit ? CHECKED : [...CHECKED, ...NO_GENERATED_CODE])
  const free = (Object.keys(SYSCALLS) as Syscall[]).filter((name) => !checked.has(name))
  return { free, checked }
}

const WHOLE = 0xffff_ffff

const CLONE_THREAD = 0x0001_0000
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const CLONE_NAMESPACES = 0x7e02_0000

const OPEN_FOR_READING = 0
/** O_WRONLY, O_RDWR, O_CREAT and O_TRUNC. */
const OPEN_TO_CHANGE = 0x243

const PROT_WRITE = 0x2
const PROT_EXEC = 0x4
const MAP_KIND = 0x3
const MAP_PRIVATE = 0x2
const MAP_ANONYMOUS = 0x20

const PR_SET_NAME = 15
const PR_SET_VMA = 0x5356_4d41

const TCGETS = 0x5401
const FIONBIO = 0x5421
const FIONCLEX = 0x5450
const FIOCLEX = 0x5451

/** Only private memory counts against RLIMIT_DATA, the memory wall: shared memory would be a way around. */
const PRIVATE: Check = { word: 6, mask: MAP_KIND, value: MAP_PRIVATE }

const CHECKED: readonly (readonly [Syscall, Alternatives])[] = [
  // a thread, and no process or namespace; clone3 hides its flags from us, the C library does without it
  ['clone', [[{ word: 0, mask: CLONE_THREAD | CLONE_NAMESPACES, value: CLONE_THREAD }]]],
  ['openat', [[{ word: 4, mask: OPEN_TO_CHANGE, value: OPEN_FOR_READING }]]],
  ['mmap', [[PRIVATE]]],
  // its limits are to be read only: the pointer to new ones is null, in both halves
  [
    'prlimit64',
    [
      [
        { word: 4, mask: WHOLE, value: 0 },
        { word: 5, mask: WHOLE, value: 0 },
      ],
    ],
  ],
  ['prctl', [PR_SET_NAME, PR_SET_VMA].map((value) => [{ word: 0, mask: WHOLE, value }])],
  ['ioctl', [TCGETS, FIONBIO, FIONCLEX, FIOCLEX].map((value) => [{ word: 2, mask: WHOLE, value }])],
]

const NO_GENERATED_CODE: readonly (readonly [Syscall, Alternatives])[] = [
  [
    'mmap',
    [
      [PRIVATE, { word: 4, mask: PROT_EXEC, value: 0 }],
      // the code of a file, which is how libraries are loaded
      [
        { word: 6, mask: MAP_KIND | MAP_ANONYMOUS, value: MAP_PRIVATE },
        { word: 4, mask: PROT_EXEC | PROT_WRITE, value: PROT_EXEC },
      ],
    ],
  ],
  ['mprotect', [[{ word: 4, mask: PROT_EXEC, value: 0 }]]],
]
