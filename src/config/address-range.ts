import { isIP } from 'node:net'

/** What clients call a server; `*.` in front stands for one level. */
export const SERVER_NAME: RegExp =
  /^(?=.{1,253}$)(\*\.)?([A-Za-z0-9]([\w-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([\w-]*[A-Za-z0-9])?$/

/** Whether a text is `ADDRESS`, or `ADDRESS/BITS` with as many bits as its kind of address has. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
