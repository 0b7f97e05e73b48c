/** Where a listener listens. Port 0 lets the system choose. */
export interface BindAddress {
  readonly host: string
  readonly port: number
}

/** What {@link parseBindAddress} takes, in the words of an error message. */
export const BIND_EXPECTED = 'HOST:PORT such as 127.0.0.1:1883, [::1]:1883 or 0.0.0.0:1883'

/** An address from `HOST:PORT`; an IPv6 host stands in brackets. Undefined when it is none. */
export function parseBindAddress(bind: string): BindAddress | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/.exec(bind) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host === undefined || port > 65_535 ? undefined : { host, port }
}
