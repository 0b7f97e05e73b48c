import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { AUTHORITY_FILES, PEM_FILE_BYTES } from '../base/limits.ts'

/** OpenSSL's names in a folder of authorities: the hash of a subject, and a number. */
const HASHED = /^[0-9a-f]{8}\.\d{1,4}$/
const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/

/**
 * Reads the certificates of a PEM file; in their order, a client's own comes first.
 *
 * @throws BulkheadError ERR_CONFIG_READ where there is none, or what is there is none.
 */
export function readCertificates(file: string): string {
  const pem = readText(file)
  const wrong = certificateMistake(pem)
  if (wrong !== undefined) throw refusal(`${file}: ${wrong}`)
  return pem
}

/**
 * Reads the key of a PEM file.
 *
 * @throws BulkheadError ERR_CONFIG_READ where there is none, or it needs a password.
 */
export function readKey(file: string): string {
  const pem = readText(file)
  try {
    createPrivateKey(pem)
    return pem
  } catch (error) {
    throw refusal(`${file} holds no private key that can be read: ${messageOf(error)}`, error)
  }
}

/**
 * Reads the certificates of a folder's files that are named as OpenSSL's `rehash` names them.
 *
 * @throws BulkheadError ERR_CONFIG_READ where there is none, or there are too many.
 */
export function readAuthorities(folder: string): string[] {
  const files = namesIn(folder).filter((name) => HASHED.test(name))
  if (files.length === 0) throw refusal(`${folder} has no file such as 3513523f.0: run openssl rehash there`)
  if (files.length > AUTHORITY_FILES) throw refusal(`${folder} has more than ${AUTHORITY_FILES} certificates`)
  return files.map((name) => readCertificates(path.join(folder, name)))
}

/** Why a text is no PEM of certificates; undefined: it is one. */
export function certificateMistake(pem: string): string | undefined {
  if (!CERTIFICATE.test(pem)) return 'there is no certificate in it: PEM has a line BEGIN CERTIFICATE'
  try {
    // the first one is read: a chain that is cut off shows when it is used
    void new X509Certificate(pem)
    return undefined
  } catch (error) {
    return `its certificate cannot be read: ${messageOf(error)}`
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw refusal(messageOf(error), error)
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size <= PEM_FILE_BYTES) return readFileSync(file, 'utf8')
  } catch (error) {
    throw refusal(messageOf(error), error)
  }
  throw refusal(`${file} is larger than ${PEM_FILE_BYTES} bytes`)
}

function refusal(message: string, cause?: unknown): BulkheadError {
  return new BulkheadError('ERR_CONFIG_READ', message, { cause })
}
