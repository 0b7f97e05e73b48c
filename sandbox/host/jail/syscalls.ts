/** The processors whose system calls we know by number, by Node's names, in the columns' order below. */
export const ARCHITECTURES = ['x64', 'arm64'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

/**
 * The numbers of the system calls that a cell makes, x64 and arm64; null where a processor does not have the
 * call. Measured with strace over the cells of our tests, with the C libraries' older and newer spellings.
 */
export const SYSCALLS = {
  // reading frames and writing answers
  read: [0, 63],
  write: [1, 64],
  futex: [202, 98],
  // memory
  brk: [12, 214],
  madvise: [28, 233],
  mmap: [9, 222],
  mprotect: [10, 226],
  mremap: [25, 216],
  munmap: [11, 215],
  membarrier: [324, 283],
  // threads and signals of its own
  clone: [56, 220],
  rseq: [334, 293],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  sched_yield: [24, 124],
  set_robust_list: [273, 99],
  set_tid_address: [218, 96],
  sigaltstack: [131, 132],
  tgkill: [234, 131],
  gettid: [186, 178],
  getcpu: [309, 168],
  arch_prctl: [158, null],
  prctl: [157, 167],
  // clocks
  clock_getres: [229, 114],
  clock_gettime: [228, 113],
  clock_nanosleep: [230, 115],
  gettimeofday: [96, 169],
  nanosleep: [35, 101],
  restart_syscall: [219, 128],
  time: [201, null],
  // descriptors that it has
  close: [3, 57],
  dup: [32, 23],
  epoll_create1: [291, 20],
  epoll_ctl: [233, 21],
  epoll_pwait: [281, 22],
  epoll_wait: [232, null],
  eventfd2: [290, 19],
  fcntl: [72, 25],
  fstat: [5, 80],
  getsockname: [51, 204],
  getsockopt: [55, 209],
  ioctl: [16, 29],
  lseek: [8, 62],
  pipe2: [293, 59],
  poll: [7, null],
  ppoll: [271, 73],
  pread64: [17, 67],
  readv: [19, 65],
  writev: [20, 66],
  // files, of which there are none but its own program's
  access: [21, null],
  faccessat: [269, 48],
  faccessat2: [439, 439],
  getcwd: [79, 17],
  newfstatat: [262, 79],
  openat: [257, 56],
  readlink: [89, null],
  readlinkat: [267, 78],
  statx: [332, 291],
  // who and where it is
  capget: [125, 90],
  getegid: [108, 177],
  geteuid: [107, 175],
  getgid: [104, 176],
  getpid: [39, 172],
  getppid: [110, 173],
  getrandom: [318, 278],
  getrusage: [98, 165],
  getuid: [102, 174],
  prlimit64: [302, 261],
  sysinfo: [99, 179],
  uname: [63, 160],
  // its beginning and its end; the first process behind the wrapper waits for the cell
  execve: [59, 221],
  exit: [60, 93],
  exit_group: [231, 94],
  wait4: [61, 260],
  waitid: [247, 95],
} as const

export type Syscall = keyof typeof SYSCALLS
