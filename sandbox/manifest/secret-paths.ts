import type { ConfigSchema } from '../sdk/config-schema.ts'

/**
 * Where the secrets of a plugin's options are, so that whoever shows the configuration can mask them: one
 * path a secret, in which `*` stands for every item of a list and every key of a map.
 */
export function secretPaths(
  schema: Readonly<Record<string, unknown>> | undefined,
): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = []
  if (schema !== undefined) collect(schema, [], paths)
  return paths
}

function collect(schema: ConfigSchema, path: readonly string[], paths: (readonly string[])[]): void {
  if (schema.secret === true) {
    paths.push(path)
    return
  }
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    collect(property, [...path, key], paths)
  if (schema.items !== undefined) collect(schema.items, [...path, '*'], paths)
  if (typeof schema.additionalProperties === 'object')
    collect(schema.additionalProperties, [...path, '*'], paths)
}
