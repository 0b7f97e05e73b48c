/** A version of MQTT as CONNECT numbers it: 3.1, 3.1.1, 5.0. */
export type AcceptedVersion = 3 | 4 | 5

/**
 * The versions that are meant: a list, or one as mosquitto writes it, `3, 4`. Undefined when the text is no
 * such list.
 */
export function parseProtocolVersions(
  written: readonly number[] | string,
): readonly AcceptedVersion[] | undefined {
  const words = typeof written === 'string' ? written.split(',').map((word) => word.trim()) : written
  const given = words.filter((word) => word !== '').map(Number)
  return given.length > 0 && given.every(isVersion) ? given : undefined
}

function isVersion(number: number): number is AcceptedVersion {
  return number === 3 || number === 4 || number === 5
}
