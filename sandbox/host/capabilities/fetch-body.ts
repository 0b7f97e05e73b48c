import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'
import { Refusal } from './power.ts'

type Decode = (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array>

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: promisify<Uint8Array, ZlibOptions, Uint8Array>(gunzip),
  'x-gzip': promisify<Uint8Array, ZlibOptions, Uint8Array>(gunzip),
  br: promisify<Uint8Array, ZlibOptions, Uint8Array>(brotliDecompress),
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? wrapped : raw)(bytes, options),
}
const wrapped = promisify<Uint8Array, ZlibOptions, Uint8Array>(inflate)
const raw = promisify<Uint8Array, ZlibOptions, Uint8Array>(inflateRaw)

/** What an answer may be compressed with. */
export const ACCEPT_ENCODING = 'gzip, deflate, br'

/** Compressed text is at most this much larger than plain: headers, and blocks that did not shrink. */
const OVERHEAD_BYTES = 1024

/**
 * Reads a body, and undoes its compression, up to a bound. Past it the rest is neither read nor unpacked:
 * what is small on the wire and huge in memory ends as soon as what is huge.
 *
 * @param encoding the header `content-encoding`, if there is one.
 * @throws Refusal `limit` past the bound, `unavailable` for what cannot be unpacked.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  most: number,
): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return gather(body, most, most)
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined
  if (decode === undefined) {
    throw new Refusal('unavailable', `the answer is encoded otherwise than by ${ACCEPT_ENCODING}`)
  }
  const packed = await gather(body, most + OVERHEAD_BYTES, most)
  if (packed.length === 0) return packed
  return decode(packed, { maxOutputLength: most }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(most)
    throw new Refusal('unavailable', 'the answer cannot be unpacked')
  })
}

async function gather(body: AsyncIterable<Uint8Array>, most: number, told: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw tooLarge(told)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function tooLarge(most: number): Refusal {
  return new Refusal('limit', `the answer has more than ${most} bytes`)
}

/** Some servers say `deflate` and leave out the zlib header that the standard asks for. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 0x08
}
