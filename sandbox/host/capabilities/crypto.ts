import { randomBytes, webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import type { DigestName, JwtVerified } from '../../sdk/powers.ts'
import { COSTLY_WORK, type CostlyQueue } from './crypto-queue.ts'
import { readCryptoRequest } from './crypto-request.ts'
import { loadJose, verifyJwt } from './jwt.ts'
import { matchesPassword } from './password.ts'
import { readPasswordHash } from './password-hash.ts'
import { type Holder, type Power, Refusal } from './power.ts'

/** What `digest`, `hmac` and `randomBytes` come to. */
export interface BytesResult {
  readonly bytes64: string
}

/** What `verifyPassword` comes to. */
export interface PasswordResult {
  readonly matches: boolean
}

const { subtle } = webcrypto
const random = promisify(randomBytes)

/** As Web Crypto calls them. */
const DIGESTS: Readonly<Record<DigestName, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

/**
 * Digests, signatures, tokens and passwords: what a plugin could not do in its isolate, or only slowly. It
 * all runs on the thread pool; password checks, which are made to be slow, wait for their turn.
 *
 * @param queue the process's own, but in tests.
 */
export function cryptoPower(holder: Holder, queue: CostlyQueue = COSTLY_WORK): Power {
  // now, while the plugin loads, and not with its first token; whoever has one hears of a failure
  loadJose().catch(() => undefined)
  return {
    async call(argument, signal): Promise<BytesResult | PasswordResult | JwtVerified> {
      // nothing is awaited before: what reading and handing over costs is paid within the caller's turn
      const request = readCryptoRequest(argument, holder.secrets)
      switch (request.op) {
        case 'digest':
          return bytesResult(await subtle.digest(DIGESTS[request.name], request.data))
        case 'hmac':
          return bytesResult(await hmac(request.name, request.key, request.data))
        case 'verifyJwt':
          return verifyJwt(request.token, request.key, request.options)
        case 'verifyPassword': {
          const hash = readPasswordHash(request.hash)
          const check = (): Promise<boolean> => matchesPassword(request.password, hash)
          return { matches: await queue.run(holder.tenant, signal, check) }
        }
        case 'randomBytes':
          return bytesResult(await random(request.size))
      }
    },
  }
}

type Binary = Uint8Array<ArrayBuffer>

async function hmac(name: DigestName, bytes: Binary, data: Binary): Promise<ArrayBuffer> {
  if (bytes.length === 0) throw new Refusal('invalid', 'key: must not be empty')
  const algorithm = { name: 'HMAC', hash: DIGESTS[name] }
  const key = await subtle.importKey('raw', bytes, algorithm, false, ['sign'])
  return subtle.sign('HMAC', key, data)
}

function bytesResult(bytes: ArrayBuffer | Uint8Array): BytesResult {
  return { bytes64: Buffer.from(bytes as Uint8Array).toString('base64') }
}
