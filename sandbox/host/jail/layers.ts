import { existsSync, readFileSync } from 'node:fs'
import { residentMiB } from '../cells/resident-memory.ts'
import type { JailLayer } from '../host-ports.ts'
import type { Findings, Part } from './probe-machine.ts'

/** The layers by name, innermost first, as start lines and `bulkhead doctor` show them. */
export function describeLayers(findings: Findings, minimal: boolean): readonly JailLayer[] {
  const required: readonly JailLayer[] = [
    stands('process', `one process a tenant, empty environment, code on stdin, one inherited socket`),
    stands('permission', 'no files, network, processes, workers, inspector (node --permission)'),
    layer(
      findings.jitless,
      'jitless',
      'no generated machine code, no WebAssembly (a tenant with jit: true goes without)',
      'Node runs with a JIT in spite of --jitless',
      'Use an official build of Node.',
    ),
  ]
  if (minimal) return required
  return [...required, ...outerLayers(findings)]
}

function outerLayers(findings: Findings): readonly JailLayer[] {
  const { walls, groups } = findings
  const { namespaces } = walls
  const confined = namespaces?.by === 'bwrap'
  return [
    layer(
      residentMiB(process.pid) !== undefined,
      'sampling',
      'the broker watches its memory and CPU time (/proc)',
      'this system has no /proc',
      'Use Linux, with /proc mounted.',
    ),
    layer(
      walls.setpriv !== undefined,
      'parent-death',
      'dies with the broker, gains no privileges (setpriv)',
      why(findings, 'setpriv'),
      'Install util-linux.',
    ),
    layer(
      walls.prlimit !== undefined,
      'rlimits',
      'memory wall, few descriptors, no core dumps, no file writes (prlimit)',
      why(findings, 'prlimit'),
      'Install util-linux.',
    ),
    layer(
      walls.dropsUser || process.getuid?.() !== 0,
      'user',
      walls.dropsUser ? 'runs as nobody, although the broker is root (setpriv)' : 'is not root',
      `the broker is root, and its cells with it: ${why(findings, 'user')}`,
      'Run the broker as a user of its own, or install it where every user may read.',
    ),
    layer(
      namespaces !== undefined,
      'namespaces',
      `no network, own process tree, user, mounts and IPC (${namespaces?.by})`,
      `${why(findings, 'bwrap')}; ${why(findings, 'unshare')}`,
      namespaceMend(findings),
    ),
    layer(
      confined,
      'files',
      'sees Node, its libraries and its addon, read-only, and no other file (bwrap)',
      why(findings, 'bwrap'),
      namespaceMend(findings),
    ),
    layer(
      namespaces?.seccomp !== undefined,
      'seccomp',
      'the system calls of a cell alone: no socket, process, exec of pages it filled (bwrap)',
      why(findings, 'seccomp'),
      namespaceMend(findings),
    ),
    layer(
      groups !== undefined,
      'cgroup',
      'memory.max, cpu.max and pids.max of its own',
      why(findings, 'cgroup'),
      'Run the broker in a group of its own, delegated to it (systemd: Delegate=yes; no npm in between).',
    ),
  ]
}

function why({ failures }: Findings, part: Part): string {
  return failures.get(part) ?? `${part} was not needed`
}

function stands(name: string, detail: string): JailLayer {
  return { name, stands: true, detail, mend: '' }
}

function layer(holds: boolean, name: string, detail: string, missing: string, mend: string): JailLayer {
  return holds ? stands(name, detail) : { name, stands: false, detail: missing, mend }
}

/** What keeps namespaces from everybody but root, by distribution, and the value that does not. */
const SYSCTLS: readonly (readonly [name: string, blocks: (value: number) => boolean, good: string])[] = [
  ['kernel.unprivileged_userns_clone', (value) => value === 0, '1'],
  ['kernel.apparmor_restrict_unprivileged_userns', (value) => value === 1, '0, or an AppArmor profile'],
  ['user.max_user_namespaces', (value) => value < 10_000, '10000'],
]

function namespaceMend({ failures }: Findings): string {
  if (failures.get('bwrap') === 'bwrap is not installed') return 'Install bubblewrap.'
  const blocking = SYSCTLS.filter(([name, blocks]) => {
    const path = `/proc/sys/${name.replaceAll('.', '/')}`
    return existsSync(path) && blocks(Number(readFileSync(path, 'latin1')))
  })
  if (blocking.length > 0) return blocking.map(([name, , good]) => `Set ${name} to ${good}.`).join(' ')
  return 'Let the broker make user namespaces: in a container, its own seccomp profile refuses that.'
}
