import { readFile, writeFile } from 'node:fs/promises'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { readSecret } from '../admin/ask-user.ts'
import { minisignature, openSecretKey } from './minisign-key.ts'

/**
 * Signs a bundle's file with a key of minisign, and writes the signature beside it, where `plugin deploy`
 * finds it.
 *
 * @throws BulkheadError ERR_USAGE
 */
export async function signBundle(file: string, keyFile: string, comment: string | undefined): Promise<void> {
  const [bytes, text] = await Promise.all([read(file), read(keyFile)])
  const key = await openSecretKey(text.toString(), () => readSecret('Password of the key: '))
  const said = comment ?? `timestamp:${Math.floor(Date.now() / 1000)}\tfile:${file.split('/').at(-1) ?? ''}`
  if (/[\r\n]/.test(said)) throw new BulkheadError('ERR_USAGE', '--comment: must be one line')
  await writeFile(`${file}.minisig`, minisignature(key, bytes, said))
  process.stdout.write(`${file}.minisig: signed\n`)
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new BulkheadError('ERR_USAGE', messageOf(cause), { cause })
  }
}
