/** Where a listener listens: an address, of which port 0 is the system's choice; or a Unix socket. */
export type BindAddress = { readonly host: string; readonly port: number } | { readonly socketPath: string }

/** What {@link parseBindAddress} takes, in the words of an error message. */
export const BIND_EXPECTED =
  'HOST:PORT such as 127.0.0.1:1883, [::1]:1883 or 0.0.0.0:1883, or unix:PATH such as unix:/run/mqtt.sock'

/**
 * An address from `HOST:PORT`, in which an IPv6 host stands in brackets, or from `unix:PATH`. Undefined when
 * it is none.
 */
export function parseBindAddress(bind: string): BindAddress | undefined {
  if (bind.startsWith('unix:')) return bind.length > 5 ? { socketPath: bind.slice(5) } : undefined
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/.exec(bind) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host === undefined || port > 65_535 ? undefined : { host, port }
}
