import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { BulkheadError, messageOf } from '../../base/errors.ts'

/** Where an admin API is, and the token that it takes. */
export interface Credentials {
  /** Without a path. */
  readonly api: string
  readonly token: string
}

/** Where `bulkhead login` keeps them, for this user alone. */
export function credentialsFile(env: NodeJS.ProcessEnv = process.env): string {
  const folder = env['XDG_CONFIG_HOME'] ?? path.join(env['HOME'] ?? homedir(), '.config')
  return path.join(folder, 'bulkhead/credentials.json')
}

export async function saveCredentials(credentials: Credentials, file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.draft`
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await chmod(draft, 0o600)
  await rename(draft, file)
}

/** @throws BulkheadError ERR_ADMIN: the file is none of `bulkhead login`. */
export async function savedCredentials(file: string): Promise<Credentials | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    // nobody has logged in here
    return undefined
  }
  try {
    const { api, token } = JSON.parse(text) as Partial<Credentials>
    if (typeof api === 'string' && typeof token === 'string') return { api, token }
  } catch (cause) {
    throw new BulkheadError('ERR_ADMIN', `${file} is damaged: ${messageOf(cause)}; log in again`, { cause })
  }
  throw new BulkheadError('ERR_ADMIN', `${file} has no api and token; log in again`)
}

/** @returns false: there were none. */
export async function forgetCredentials(file: string): Promise<boolean> {
  const known = (await savedCredentials(file)) !== undefined
  await rm(file, { force: true })
  return known
}
