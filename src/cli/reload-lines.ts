import type { ReloadReport } from '../index.ts'

/** What a reload did, or would do, in lines for people. */
export function reloadLines({ isApplied, changes, reopened, needsRestart }: ReloadReport): string[] {
  const lines = changes.map(({ what, key, place, before, after }) => {
    const values = before === undefined && after === undefined ? '' : `: ${before ?? ''} → ${after ?? ''}`
    return `${what} ${key}${values}${place === undefined ? '' : ` (${place})`}`
  })
  if (reopened.length > 0) lines.push(`plugins opened anew: ${reopened.join(', ')}`)
  if (needsRestart.length > 0) lines.push(`holds after a restart: ${needsRestart.join(', ')}`)
  return [...lines, isApplied ? 'the config was read anew' : 'nothing was changed: this was a dry run']
}
