import { MANIFEST_DEPTH, MANIFEST_NODES } from '../limits.ts'

/**
 * Whether plain data is too much for a manifest. What is not is walked, compared and turned into text in
 * bounded time, on any stack.
 *
 * @returns the mistake in words, or none.
 */
export function excess(value: unknown): readonly string[] {
  const walk: Walk = { nodes: 0 }
  if (!isShallow(value, MANIFEST_DEPTH, walk)) {
    const size = `${MANIFEST_NODES} values or nests deeper than ${MANIFEST_DEPTH} levels`
    return [`it has more than ${size}`]
  }
  return []
}

interface Walk {
  nodes: number
}

function isShallow(value: unknown, levels: number, walk: Walk): boolean {
  walk.nodes += 1
  if (walk.nodes > MANIFEST_NODES) return false
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((nested) => isShallow(nested, levels - 1, walk))
}

/**
 * Whether YAML nests so deep that parsing it would use up the stack, and most of a second before: brackets
 * that are open at a time, wherever they stand, and lists or keys opened within one line.
 */
export function nestsTooDeep(yaml: string): boolean {
  let open = 0
  for (const char of yaml) {
    if (char === '[' || char === '{') open += 1
    else if ((char === ']' || char === '}') && open > 0) open -= 1
    if (open > MANIFEST_DEPTH) return true
  }
  return OPENED_IN_LINE.test(yaml)
}

const OPENED_IN_LINE = new RegExp(`(?:[-?:][ \\t]+){${MANIFEST_DEPTH}}`)
