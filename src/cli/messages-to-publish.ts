import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { BulkheadError, messageOf } from '../base/errors.ts'

/** The flags of which exactly one says what to publish. */
export interface MessageFlags {
  readonly message?: string
  readonly file?: string
  readonly stdinLine?: true
  readonly stdinFile?: true
  readonly nullMessage?: true
  readonly repeat: number
}

/**
 * The payloads to publish, one after the other: of -m, -f, -s or -n once or as often as --repeat says, of -l
 * one a line.
 *
 * @throws BulkheadError ERR_USAGE unless exactly one flag is given.
 */
export function messagesToPublish(flags: MessageFlags, stdin: NodeJS.ReadableStream): AsyncIterable<Buffer> {
  const given = [flags.message, flags.file, flags.stdinLine, flags.stdinFile, flags.nullMessage]
  if (given.filter((flag) => flag !== undefined).length !== 1) {
    throw new BulkheadError('ERR_USAGE', 'expected exactly one of -m, -f, -l, -s and -n')
  }
  return flags.stdinLine ? lines(stdin) : repeated(flags, stdin)
}

async function* lines(stdin: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  for await (const line of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY }))
    yield Buffer.from(line)
}

async function* repeated(flags: MessageFlags, stdin: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  const payload = await onePayload(flags, stdin)
  for (let sent = 0; sent < flags.repeat; sent++) yield payload
}

async function onePayload(flags: MessageFlags, stdin: NodeJS.ReadableStream): Promise<Buffer> {
  if (flags.message !== undefined) return Buffer.from(flags.message)
  if (flags.stdinFile) return buffer(stdin)
  if (flags.file === undefined) return Buffer.alloc(0)
  try {
    return await readFile(flags.file)
  } catch (error) {
    throw new BulkheadError('ERR_CLIENT', messageOf(error), { cause: error })
  }
}
