/** The engine's own way to say where a stack begins; the language's types do not know it. */
const { captureStackTrace } = Error as unknown as {
  captureStackTrace(error: object, above: (...args: never[]) => unknown): void
}

/**
 * Lets an error's stack begin where `callee` was called: the place that a fault is told with is the plugin's
 * own line, not one of ours.
 */
export function blameCaller<Thrown>(thrown: Thrown, callee: (...args: never[]) => unknown): Thrown {
  if (thrown instanceof Error) captureStackTrace(thrown, callee)
  return thrown
}
