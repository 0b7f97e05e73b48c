import type { JWTPayload, JWTVerifyOptions } from 'jose'
import { JWT_CHARS, JWT_CLAIMS_DEPTH } from '../../limits.ts'
import type { JwtOptions, JwtVerified } from '../../sdk/powers.ts'
import { type JwtAlgorithm, keyFor, readKeys } from './jwt-key.ts'

/** Why a token is not valid, by what jose calls it. What is not here is `malformed`. */
const WHY: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'claim',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'signature',
}

/**
 * Checks a token's signature and claims. The token is a stranger's: whatever is wrong with it is an answer.
 * The key and the options are the plugin's: what is wrong with them is its mistake.
 *
 * @throws Refusal `invalid` for a key that does not fit the algorithms, or is too weak.
 */
export async function verifyJwt(
  token: string,
  key: string,
  options: JwtOptions,
  now: Date = new Date(),
): Promise<JwtVerified> {
  const keys = readKeys(key, options.algorithms)
  if (token.length > JWT_CHARS) return { valid: false, why: 'malformed' }
  // without a wait once it is there: reading the token is paid within the caller's turn
  const { errors, jwtVerify } = jose ?? (await loadJose())
  const rules: JWTVerifyOptions = {
    algorithms: [...options.algorithms],
    currentDate: now,
    clockTolerance: options.clockToleranceSec ?? 0,
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  }
  try {
    const { payload } = await jwtVerify(
      token,
      ({ alg, kid }) => {
        const found = keyFor(keys, alg as JwtAlgorithm, typeof kid === 'string' ? kid : undefined)
        if (found === undefined) throw new errors.JWKSNoMatchingKey()
        return found
      },
      rules,
    )
    if (isDeep(payload)) return { valid: false, why: 'malformed' }
    return { valid: true, claims: payload as Extract<JwtVerified, { valid: true }>['claims'] }
  } catch (error) {
    if (error instanceof errors.JOSEError) return { valid: false, why: whyNot(error) }
    throw error
  }
}

type Jose = typeof import('jose')

let jose: Jose | undefined

/** Loads jose when the first plugin that may check tokens does. */
export async function loadJose(): Promise<Jose> {
  jose ??= await import('jose')
  return jose
}

function whyNot(
  error: Error & { readonly code: string; readonly claim?: unknown; readonly reason?: unknown },
): string {
  if (error.claim === 'nbf' && error.reason === 'check_failed') return 'notYetValid'
  return WHY[error.code] ?? 'malformed'
}

/** Claims cross as JSON, and whoever writes JSON recurses. */
function isDeep(payload: JWTPayload): boolean {
  const depth = (value: unknown, left: number): boolean =>
    left === 0 ||
    (typeof value === 'object' &&
      value !== null &&
      Object.values(value).some((each) => depth(each, left - 1)))
  return depth(payload, JWT_CLAIMS_DEPTH)
}
