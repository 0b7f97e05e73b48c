// Text of which each character is one byte. An interpreter feels every step of a loop: what the engine does
// by itself is fifty times as fast.

/** Arguments live on the stack, so the input must not decide how many there are. */
const CHUNK = 4096

/** Each byte as a character up to U+00FF. */
export function binaryText(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return Reflect.apply(String.fromCharCode, undefined, bytes) as string
  let text = ''
  for (let start = 0; start < bytes.length; start += CHUNK)
    text += binaryText(bytes.subarray(start, start + CHUNK))
  return text
}

/** Each character as a byte; of one above U+00FF, its low byte. */
export function binaryBytes(text: string): Uint8Array<ArrayBuffer> {
  const { length } = text
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = text.charCodeAt(index)
  return bytes
}
