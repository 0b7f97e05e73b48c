import { type Pointer, pointerKeys } from './pointer.ts'

/** What stands in place of a secret wherever a config is shown. */
export const MASK = '********'

const SECRET_FILE_KEY = /(password|passphrase|secret|token)File$/i
/** Only what plugins are given has keys of anybody's choice. */
const FREE_MAP = /^((\/tenants\/[^/]+)?\/(plugins\/[^/]+|settings)|\/auth|\/topic-check)\//

const PLUGIN_SECRET = /^(\/tenants\/[^/]+)?\/plugins\/(\d+\/)?[^/]+\/secrets\/[^/]+$/

/** A database's password, a directory's bindPassword. */
const SOURCE = /^(\/tenants\/[^/]+)?\/(databases|directories)\/[^/]+\//

/** Of a private key of a listener's. */
const KEY_PASSPHRASE = /^\/listeners\/[^/]+\/tls\/(sni\/[^/]+\/)?keyPassphrase(File)?$/

/**
 * Whether `pointer` is a key such as `apiTokenFile`, whose value is the path of a file that holds the secret.
 */
export function isSecretFileKey(pointer: Pointer): boolean {
  return isFree(pointer) && SECRET_FILE_KEY.test(pointerKeys(pointer).at(-1) ?? '')
}

/** Whether `pointer` is a secret in a plugin's `secrets`, whatever it is called. */
export function isPluginSecret(pointer: Pointer): boolean {
  return PLUGIN_SECRET.test(pointer)
}

/**
 * Whether `pointer` lies where secrets may: a plugin's options, a free `settings:` map, a source, a
 * key's passphrase.
 */
export function isFree(pointer: Pointer): boolean {
  return FREE_MAP.test(pointer) || SOURCE.test(pointer) || KEY_PASSPHRASE.test(pointer)
}
