/**
 * States what must be true if our own code is right. A failure is our bug, never the peer's and never the
 * plugin's: those have reason codes and outcomes. Failing loudly beats carrying on with a broken invariant.
 *
 * @throws Error when `condition` is false.
 */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${invariant}`)
}

/** Closes a switch over a closed union: a new member that nobody handles does not compile. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unexpected ${JSON.stringify(value)}`)
}
