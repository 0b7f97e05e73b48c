import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { BulkheadError, messageOf } from '../base/errors.ts'

/**
 * Sets, or with null deletes, the line of one user in a file of passwords. The other lines stay as they are,
 * comments too. Whoever reads the file meanwhile finds the old or the new one, whole.
 *
 * @returns whether the user was there before.
 * @throws BulkheadError ERR_CONFIG_READ
 */
export async function setPasswordLine(file: string, user: string, hash: string | null): Promise<boolean> {
  const lines = await linesOf(file)
  const others = lines.filter((line) => !line.startsWith(`${user}:`))
  const kept = hash === null ? others : [...others, `${user}:${hash}`]
  await replace(file, kept.map((line) => `${line}\n`).join(''))
  return others.length < lines.length
}

async function linesOf(file: string): Promise<string[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split(/\r?\n/)
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unusable(file, cause)
  }
}

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(draft, 0o600)
    await rename(draft, file)
  } catch (cause) {
    await rm(draft, { force: true })
    throw unusable(file, cause)
  }
}

function unusable(file: string, cause: unknown): BulkheadError {
  return new BulkheadError('ERR_CONFIG_READ', `${file} cannot be changed: ${messageOf(cause)}`, { cause })
}
