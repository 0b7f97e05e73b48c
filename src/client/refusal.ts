import { ReasonCodes } from 'mqtt'

/** A reason code and what the broker said to it: `Not authorized (0x87): unknown user`. */
export function refusalText(code: number, reason: string | undefined): string {
  const names: Readonly<Record<number, string>> = ReasonCodes
  const name = names[code] ?? 'Refused'
  const number = code < 0x80 ? String(code) : `0x${code.toString(16)}`
  return `${name} (${number})${reason === undefined || reason === '' ? '' : `: ${printable(reason)}`}`
}

/** Text of a stranger, without what would steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}')
}
