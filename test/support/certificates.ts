import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'

/** What a TLS server needs. */
export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

/**
 * A certificate authority of a test's own. Node signs bytes but writes no certificates; theirs are few
 * enough fields to write them here, so that no private key lies in the repository.
 */
export class TestAuthority {
  readonly #key: KeyObject
  readonly #name = nameOf([['CN', 'Test authority']])
  /** As PEM: what clients are to trust. */
  readonly ca: string

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#key = privateKey
    const isAuthority = extension('2.5.29.19', true, der(0x30, Buffer.from([0x01, 0x01, 0xff])))
    this.ca = this.#certificate(publicKey, this.#name, [isAuthority], YEARS)
  }

  /** A certificate for these names, and, where they are IPv4 addresses, for these addresses. */
  issue(
    names: readonly string[],
    validity: readonly [string, string] = YEARS,
    subject: readonly (readonly [part: 'CN' | 'O', value: string])[] = [],
  ): ServerCertificate {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const isIp = /^[\d.]+$/
    const subjects = names.map((name) =>
      isIp.test(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)),
    )
    const extensions = [extension('2.5.29.17', false, der(0x30, ...subjects))]
    return {
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: this.#certificate(publicKey, nameOf(subject), extensions, validity),
    }
  }

  /** A list of certificates that it has taken back, as PEM. */
  revoke(...certificates: readonly ServerCertificate[]): string {
    const [from, to] = YEARS
    const revoked = certificates.map(({ cert }) => {
      const serial = Buffer.from(new X509Certificate(cert).serialNumber, 'hex')
      return der(0x30, integer(serial), der(0x17, Buffer.from(from)))
    })
    const times = [der(0x17, Buffer.from(from)), der(0x17, Buffer.from(to))]
    return this.#signed('X509 CRL', der(0x30, ECDSA_SHA256, this.#name, ...times, der(0x30, ...revoked)))
  }

  #signed(kind: string, toBeSigned: Buffer): string {
    const signature = sign('sha256', toBeSigned, this.#key)
    const whole = der(0x30, toBeSigned, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature))
    return `-----BEGIN ${kind}-----\n${whole.toString('base64')}\n-----END ${kind}-----\n`
  }

  #certificate(
    key: KeyObject,
    subject: Buffer,
    extensions: readonly Buffer[],
    [from, to]: readonly [string, string],
  ): string {
    const spki = key.export({ type: 'spki', format: 'der' })
    const keyId = extension('2.5.29.14', false, der(0x04, createHash('sha1').update(spki).digest()))
    const toBeSigned = der(
      0x30,
      der(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ECDSA_SHA256,
      this.#name,
      der(0x30, der(0x17, Buffer.from(from)), der(0x17, Buffer.from(to))),
      subject,
      spki,
      der(0xa3, der(0x30, ...extensions, keyId)),
    )
    return this.#signed('CERTIFICATE', toBeSigned)
  }
}

const PARTS = { CN: '2.5.4.3', O: '2.5.4.10' } as const

function nameOf(parts: readonly (readonly [keyof typeof PARTS, string])[]): Buffer {
  return der(0x30, ...parts.map(([part, value]) => der(0x31, der(0x30, oid(PARTS[part]), text(value)))))
}

/**
 * A chain that nobody has to trust and whoever looks at it takes long over: a leaf for this name, and issuers
 * with RSA keys of 16,384 bits. Nobody has their private halves; to find out takes as long as if somebody
 * had.
 */
export function heavyChain(name: string, issuers: number): ServerCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const names = extension('2.5.29.17', false, der(0x30, der(0x82, Buffer.from(name))))
  const chain = [forged(0, publicKey.export({ type: 'spki', format: 'der' }), names)]
  const isAuthority = extension('2.5.29.19', true, der(0x30, Buffer.from([0x01, 0x01, 0xff])))
  for (let place = 1; place <= issuers; place += 1) chain.push(forged(place, hugeKey(), isAuthority))
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: chain.join('') }
}

/** The certificate at this place of a chain: its issuer is behind it. */
function forged(place: number, spki: Buffer, ...extensions: readonly Buffer[]): string {
  const called = (each: number): Buffer =>
    der(0x30, der(0x31, der(0x30, oid('2.5.4.3'), text(`huge ${each}`))))
  const toBeSigned = der(
    0x30,
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    RSA_SHA256,
    called(place + 1),
    der(0x30, ...YEARS.map((time) => der(0x17, Buffer.from(time)))),
    called(place),
    spki,
    der(0xa3, der(0x30, ...extensions)),
  )
  const signature = Buffer.concat([Buffer.from([0]), randomBytes(HUGE_BYTES - 1)])
  const whole = der(0x30, toBeSigned, RSA_SHA256, der(0x03, Buffer.from([0]), signature))
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`
}

/** A public key as large as OpenSSL takes one, with the largest exponent that it takes then. */
function hugeKey(): Buffer {
  const modulus = randomBytes(HUGE_BYTES)
  modulus[0] = 0x7f
  modulus[HUGE_BYTES - 1] = 0xff
  const key = der(0x30, integer(modulus), integer(Buffer.from('7fffffffffffffff', 'hex')))
  return der(0x30, der(0x30, oid('1.2.840.113549.1.1.1'), NULL), der(0x03, Buffer.from([0]), key))
}

const HUGE_BYTES = 2048
const YEARS = ['200101000000Z', '491231235959Z'] as const

/** A tagged value of DER: tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = rest.flatMap((part) => {
    const base128 = [part & 0x7f]
    for (let left = part >> 7; left > 0; left >>= 7) base128.unshift((left & 0x7f) | 0x80)
    return base128
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

function text(value: string): Buffer {
  return der(0x0c, Buffer.from(value))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return der(0x30, oid(id), ...(critical ? [Buffer.from([0x01, 0x01, 0xff])] : []), der(0x04, value))
}

const ECDSA_SHA256 = der(0x30, oid('1.2.840.10045.4.3.2'))
const NULL = Buffer.from([0x05, 0x00])
const RSA_SHA256 = der(0x30, oid('1.2.840.113549.1.1.11'), NULL)
