import { BulkheadError } from '../base/errors.ts'

/** A session expiry interval that never ends [MQTT5 3.1.2.11.2]. */
export const FOREVER_SEC = 0xffff_ffff

const VERSIONS: ReadonlyMap<string, 3 | 4 | 5> = new Map([
  ['31', 3],
  ['mqttv31', 3],
  ['311', 4],
  ['mqttv311', 4],
  ['5', 5],
  ['mqttv5', 5],
])

/** Makes a reader of whole numbers for a flag. Like all readers here, it throws BulkheadError ERR_USAGE. */
export function numberWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number
    throw usage(`expected a number from ${least} to ${most}, got ${JSON.stringify(text)}`)
  }
}

/** A quality of service. */
export function qosOf(text: string): 0 | 1 | 2 {
  if (text === '0' || text === '1' || text === '2') return Number(text) as 0 | 1 | 2
  throw usage(`expected the QoS 0, 1 or 2, got ${JSON.stringify(text)}`)
}

/** mosquitto's names of the protocol's versions, as the version's number in a CONNECT. */
export function versionOf(text: string): 3 | 4 | 5 {
  const version = VERSIONS.get(text)
  if (version === undefined) throw usage(`expected mqttv31, mqttv311 or mqttv5, got ${JSON.stringify(text)}`)
  return version
}

/** A session expiry interval in seconds; -1 is for ever. */
export function expiryOf(text: string): number {
  return text === '-1' || text === '∞' ? FOREVER_SEC : numberWithin(0, FOREVER_SEC)(text)
}

function usage(message: string): BulkheadError {
  return new BulkheadError('ERR_USAGE', message)
}
