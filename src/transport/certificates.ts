import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { TLS_FILE_BYTES } from '../base/limits.ts'

/** The files of one name: what the server shows, and by what it judges its clients. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Undefined: the key is not encrypted. */
  readonly keyPassphrase: string | undefined
  /** Whose certificates clients may have; undefined: nobody's. */
  readonly caFile: string | undefined
  /** Certificates that these authorities have taken back. */
  readonly crlFile: string | undefined
}

export interface TlsSettings extends CertificateFiles {
  readonly clientCertificate: 'none' | 'request' | 'require'
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** As OpenSSL writes lists of ciphers; undefined: Node's own. */
  readonly ciphers: string | undefined
  /** Other certificates by the server's name, in lower case, that a client uses; `*.` is one level. */
  readonly sni: ReadonlyMap<string, CertificateFiles>
  readonly handshakeTimeoutSec: number
  readonly maxHandshakes: number
}

interface Loaded {
  readonly own: SecureContextOptions
  readonly byName: ReadonlyMap<string, SecureContext>
}

/**
 * The certificates of one listener, read from their files; as they were read last, all of one reading.
 */
export class Certificates {
  readonly #listener: string
  readonly #settings: TlsSettings
  #loaded: Loaded

  /** @throws BulkheadError ERR_TLS: a file cannot be read, or is not what it is to be. */
  constructor(listener: string, settings: TlsSettings) {
    this.#listener = listener
    this.#settings = settings
    this.#loaded = this.#load()
  }

  /** What the server shows to whoever calls it by no name, or by one that it does not know. */
  get own(): SecureContextOptions {
    return this.#loaded.own
  }

  /** Undefined: that name has no certificate of its own. */
  byName(serverName: string): SecureContext | undefined {
    const { byName } = this.#loaded
    if (byName.size === 0) return undefined
    const name = serverName.toLowerCase()
    const dot = name.indexOf('.')
    return byName.get(name) ?? (dot > 0 ? byName.get(`*${name.slice(dot)}`) : undefined)
  }

  /** Every file that is read. */
  get files(): readonly string[] {
    const all = [this.#settings, ...this.#settings.sni.values()].flatMap(
      ({ certFile, keyFile, caFile, crlFile }) => [certFile, keyFile, caFile ?? [], crlFile ?? []].flat(),
    )
    return [...new Set(all)]
  }

  /** Reads all files anew. @throws BulkheadError ERR_TLS, and everything is as before. */
  reload(): void {
    this.#loaded = this.#load()
  }

  #load(): Loaded {
    const { sni } = this.#settings
    const own = this.#options('tls', this.#settings)
    this.#context('tls', own)
    const byName = new Map<string, SecureContext>()
    for (const [name, files] of sni) {
      const place = `tls.sni.${name}`
      byName.set(name, this.#context(place, this.#options(place, files)))
    }
    return { own, byName }
  }

  #options(place: string, files: CertificateFiles): SecureContextOptions {
    const { minVersion, ciphers, clientCertificate } = this.#settings
    const { certFile, keyFile, keyPassphrase, caFile, crlFile } = files
    const cert = this.#read(`${place}.certFile`, certFile)
    const key = this.#read(`${place}.keyFile`, keyFile)
    const certificate = this.#judged(`${place}.certFile`, certFile, () => new X509Certificate(cert))
    const privateKey = this.#judged(`${place}.keyFile`, keyFile, () => readKey(key, keyPassphrase))
    if (!certificate.checkPrivateKey(privateKey)) {
      throw this.#error(`${place}.keyFile`, keyFile, 'is not the key of the certificate in certFile')
    }
    const ca = caFile === undefined ? undefined : this.#read(`${place}.caFile`, caFile)
    if (ca !== undefined) this.#judged(`${place}.caFile`, String(caFile), () => new X509Certificate(ca))
    const crl = crlFile === undefined ? undefined : this.#revocations(`${place}.crlFile`, crlFile)
    return {
      cert,
      key,
      ...(keyPassphrase !== undefined && { passphrase: keyPassphrase }),
      minVersion,
      ...(ca !== undefined && { ca }),
      ...(crl !== undefined && { crl }),
      ...(ciphers !== undefined && { ciphers }),
      // each handshake of a client with a certificate is a whole one, judged by the lists of today
      ...(clientCertificate !== 'none' && { secureOptions: constants.SSL_OP_NO_TICKET }),
    }
  }

  /** OpenSSL reads the first list of a text alone, so each is handed over by itself. */
  #revocations(place: string, file: string): string[] {
    const lists = this.#read(place, file).match(REVOCATION_LIST)
    if (lists === null) throw this.#error(place, file, 'has no certificate revocation list as PEM')
    return lists
  }

  #context(place: string, options: SecureContextOptions): SecureContext {
    try {
      return createSecureContext(options)
    } catch (cause) {
      throw new BulkheadError('ERR_TLS', `listener ${this.#listener}: ${place}: ${messageOf(cause)}`, {
        cause,
      })
    }
  }

  #read(place: string, file: string): string {
    return this.#judged(place, file, () => {
      if (statSync(file).size > TLS_FILE_BYTES) throw new Error(`is larger than ${TLS_FILE_BYTES} bytes`)
      return readFileSync(file, 'utf8')
    })
  }

  #judged<T>(place: string, file: string, make: () => T): T {
    try {
      return make()
    } catch (cause) {
      throw this.#error(place, file, messageOf(cause), cause)
    }
  }

  #error(place: string, file: string, what: string, cause?: unknown): BulkheadError {
    return new BulkheadError('ERR_TLS', `listener ${this.#listener}: ${place}: ${file}: ${what}`, { cause })
  }
}

/** @throws Error in words of which key and passphrase the matter is; OpenSSL's own tell of decoders. */
function readKey(key: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) })
  } catch (cause) {
    if (!ENCRYPTED.test(key)) throw cause
    const what = passphrase === undefined ? 'needs a keyPassphrase' : 'is not read with this keyPassphrase'
    throw new Error(`is encrypted and ${what}`, { cause })
  }
}

const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m
const REVOCATION_LIST = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g
