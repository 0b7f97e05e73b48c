import { Option, type Command } from 'commander'
import { BulkheadError } from '../base/errors.ts'
import { readAuthorities, readCertificates, readKey } from '../config/pem-files.ts'
import type { TlsOptions } from '../client-plan.ts'

/** mosquitto's flags for TLS. */
export interface SecureFlags {
  readonly cafile?: string
  readonly capath?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: true
  readonly tlsVersion?: keyof typeof VERSIONS
  readonly tlsAlpn?: string
  readonly ciphers?: string
  readonly tlsUseOsCerts?: true
}

const VERSIONS = { 'tlsv1.2': 'TLSv1.2', 'tlsv1.3': 'TLSv1.3' } as const

/** Adds the flags for TLS to `command`. */
export function addSecureFlags(command: Command): Command {
  return command
    .option('--cafile <file>', 'TLS: the certificates of the authorities to trust, as PEM')
    .option('--capath <folder>', 'TLS: a folder with such certificates')
    .option('--tls-use-os-certs', 'TLS: trust the authorities that Node.js knows')
    .option('--cert <file>', "TLS: the client's certificate, as PEM")
    .option('--key <file>', 'TLS: its key, as PEM')
    .option('--insecure', "TLS: do not check that the broker's certificate is for its host")
    .addOption(new Option('--tls-version <version>', 'TLS: this version').choices(Object.keys(VERSIONS)))
    .option('--tls-alpn <protocol>', 'TLS: the protocol to ask for')
    .option('--ciphers <list>', 'TLS: the ciphers to offer, as OpenSSL writes them')
}

/** Whether a flag says that the connection is to be secured, as with mosquitto. */
export function wantsTls({ cafile, capath, tlsUseOsCerts }: SecureFlags): boolean {
  return cafile !== undefined || capath !== undefined || tlsUseOsCerts === true
}

/**
 * Reads what the flags name.
 *
 * @throws BulkheadError ERR_USAGE, ERR_CONFIG_READ
 */
export function secureOptions(flags: SecureFlags): TlsOptions {
  const { cafile, capath, cert, key, insecure, tlsVersion, tlsAlpn, ciphers } = flags
  if ((cert === undefined) !== (key === undefined))
    throw new BulkheadError('ERR_USAGE', '--cert and --key belong together')
  const authorities = [
    cafile === undefined ? [] : readCertificates(cafile),
    capath === undefined ? [] : readAuthorities(capath),
  ].flat()
  const version = tlsVersion && VERSIONS[tlsVersion]
  return {
    ...(authorities.length > 0 && { ca: authorities }),
    ...(cert !== undefined && key !== undefined && { cert: readCertificates(cert), key: readKey(key) }),
    ...(insecure && { checkServerIdentity: () => undefined }),
    ...(version && { minVersion: version, maxVersion: version }),
    ...(tlsAlpn !== undefined && { ALPNProtocols: [tlsAlpn] }),
    ...(ciphers !== undefined && { ciphers }),
  }
}
