import { ENCODED, percentEncode } from './percent-encode.ts'
import { isSpecial } from './url-record.ts'

const ONE_DOT = /^(?:\.|%2e)$/i
const TWO_DOTS = /^(?:\.|%2e){2}$/i
const DRIVE_LETTER = /^[A-Za-z][:|]$/
const NORMAL_DRIVE_LETTER = /^[A-Za-z]:$/

/** Whether the text begins with what may be a Windows drive [URL standard, 4.2]. */
export function startsWithDrive(text: string): boolean {
  return /^[A-Za-z][:|](?:[/\\]|$)/.test(text)
}

export function isDrive(text: string): boolean {
  return DRIVE_LETTER.test(text)
}

export function isNormalDrive(segment: string | undefined): segment is string {
  return segment !== undefined && NORMAL_DRIVE_LETTER.test(segment)
}

/** The path without its last segment; a drive stays. */
export function shortened(scheme: string, path: readonly string[]): readonly string[] {
  return isDriveAlone(scheme, path) ? path : path.slice(0, -1)
}

function isDriveAlone(scheme: string, path: readonly string[]): boolean {
  return scheme === 'file' && path.length === 1 && isNormalDrive(path[0])
}

/**
 * Follows the segments of `text` from `path` on: dots lead nowhere, or up [URL standard, 4.4, path state].
 *
 * @param text without its first slash.
 */
export function followPath(scheme: string, path: readonly string[], text: string): readonly string[] {
  const segments = text.split(isSpecial(scheme) ? /[/\\]/ : '/')
  const reached = [...path]
  segments.forEach((segment, place) => {
    const isLast = place === segments.length - 1
    if (TWO_DOTS.test(segment)) {
      if (!isDriveAlone(scheme, reached)) reached.pop()
      if (isLast) reached.push('')
    } else if (ONE_DOT.test(segment)) {
      if (isLast) reached.push('')
    } else if (scheme === 'file' && reached.length === 0 && isDrive(segment)) {
      reached.push(`${segment.charAt(0)}:`)
    } else reached.push(percentEncode(segment, ENCODED.path))
  })
  return reached
}

/** The path after an authority: a special scheme's always has a segment. */
export function pathAfterAuthority(scheme: string, text: string): readonly string[] {
  if (text === '' && !isSpecial(scheme)) return []
  const slash = text.startsWith('/') || (isSpecial(scheme) && text.startsWith('\\'))
  return followPath(scheme, [], slash ? text.slice(1) : text)
}
