import { FETCH_HEADERS_BYTES } from '../../limits.ts'
import { Refusal } from './power.ts'

/** How OpenSSL and Node call a certificate that they do not trust. */
const CERTIFICATE = /^ERR_TLS_|^CERT_|^UNABLE_TO_|SELF_SIGNED|^HOSTNAME_MISMATCH|^INVALID_CA/

/**
 * What a plugin is told of an error of the network: which kind, in our words. The network's own words may
 * hold addresses, paths and secrets. What has no code is no such error but a bug of ours, and stays as it is.
 */
export function failure(error: unknown): unknown {
  if (error instanceof Refusal) return error
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  if (typeof code !== 'string') return error
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new Refusal('limit', `the headers of the answer have more than ${FETCH_HEADERS_BYTES} bytes`)
  }
  if (CERTIFICATE.test(code)) return new Refusal('unavailable', "the host's certificate is not to be trusted")
  return new Refusal('unavailable', 'the host cannot be reached, or does not answer as HTTP has it')
}
