/** A version of MQTT as CONNECT numbers it: 3.1, 3.1.1, 5.0. */
export type AcceptedVersion = 3 | 4 | 5

const VERSIONS: ReadonlyMap<string, AcceptedVersion> = new Map([
  ['3', 3],
  ['4', 4],
  ['5', 5],
])

/**
 * The versions that are meant: a list, or one as mosquitto writes it, `3, 4`. Undefined when it is no such
 * list.
 */
export function parseProtocolVersions(
  written: readonly number[] | string,
): readonly AcceptedVersion[] | undefined {
  const words = typeof written === 'string' ? written.split(',') : written.map(String)
  const named = words.map((word) => word.trim()).filter((word) => word !== '')
  const versions = named.flatMap((word) => VERSIONS.get(word) ?? [])
  return versions.length > 0 && versions.length === named.length ? versions : undefined
}
