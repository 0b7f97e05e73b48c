import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '../base/errors.ts'
import { CONFIG_FILE_BYTES } from '../base/limits.ts'
import { bundledFileOptions } from './bundled-plugins.ts'

type Options = Readonly<Record<string, unknown>>

/** Options of which some name files. */
export interface FilledOptions {
  /** With the files' content in place of their paths. */
  readonly options: Options
  /** The paths as they were written, by option. */
  readonly paths: Readonly<Record<string, string>>
}

/**
 * Puts the content of files in place of the paths that aMQTT's options have: a plugin in a sandbox cannot
 * read them. It is done for the bundled plugins alone, by name: if a plugin's own schema could ask for it, a
 * stranger's plugin would choose what text of the config becomes the content of a file.
 *
 * @param refuse is told of an option whose file cannot be read.
 */
export function fillOptionFiles(
  folder: string,
  options: Options,
  baseDir: string,
  refuse: (option: string, message: string) => void,
): FilledOptions {
  const filled: Record<string, unknown> = { ...options }
  const paths: Record<string, string> = {}
  for (const option of bundledFileOptions(folder)) {
    const written = options[option]
    // what is no text is the schema's to refuse
    if (typeof written !== 'string') continue
    paths[option] = written
    filled[option] = contentOf(path.resolve(baseDir, written), (message) => refuse(option, message))
  }
  return { options: filled, paths }
}

function contentOf(file: string, refuse: (message: string) => void): string {
  try {
    if (statSync(file).size <= CONFIG_FILE_BYTES) return readFileSync(file, 'utf8')
    refuse(`the file is larger than ${CONFIG_FILE_BYTES} bytes: ${file}`)
  } catch (error) {
    refuse(`the file cannot be read: ${messageOf(error)}`)
  }
  return ''
}
