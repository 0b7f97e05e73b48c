import type { Outcome, SandboxLimits } from '../../sandbox/index.ts'

/** Which limit of the sandbox a call met that ended so; undefined: none. */
export function limitOfFault(
  outcome: Outcome,
  limits: SandboxLimits,
): { readonly limit: string; readonly value: number } | undefined {
  const name = LIMITS[outcome]
  return name === undefined ? undefined : { limit: name, value: limits[name] }
}

const LIMITS: Readonly<
  Partial<Record<Outcome, 'softMs' | 'wallMs' | 'heapMiB' | 'questionsQueued' | 'cpuShare'>>
> = {
  timeout: 'softMs',
  deadline: 'wallMs',
  memory: 'heapMiB',
  overload: 'questionsQueued',
  throttled: 'cpuShare',
}
