/** JSON with sorted keys: equal values give equal text, whoever wrote them down in which order. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, nested: unknown) => (isPlainObject(nested) ? sorted(nested) : nested)) ??
    'null'
  )
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // without a prototype, `__proto__` is a key like any other
  const result = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(object).sort()) result[key] = object[key]
  return result
}
