/**
 * A place in a config tree as a JSON pointer (RFC 6901): `/listeners/mqtt/type`; the root is the empty
 * string.
 */
export type Pointer = string

/** The place of `key` in the map or list at `parent`. */
export function childPointer(parent: Pointer, key: string | number): Pointer {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The keys on the way from the root to a place. */
export function pointerKeys(pointer: Pointer): string[] {
  const keys = pointer.split('/').slice(1)
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The place that holds this one. */
export function parentPointer(pointer: Pointer): Pointer {
  return pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')))
}

/** A place as people write it: `listeners.mqtt.type`. */
export function dotted(pointer: Pointer): string {
  return pointerKeys(pointer).join('.')
}
