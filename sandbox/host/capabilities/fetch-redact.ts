/** Takes secrets out of what a plugin is about to see. */
export interface Redaction {
  text(text: string): string
  bytes(bytes: Uint8Array): Uint8Array
}

/**
 * A host that was sent a secret may send it back, as echo services and error pages do. Each literal
 * occurrence becomes asterisks, no more of them than it had bytes, so that nothing grows. A host that encodes
 * it gets past this: a secret goes to none but granted hosts, and those are the operator's choice.
 */
export function redaction(secrets: Readonly<Record<string, string>>): Redaction {
  // longest first: a secret that is part of another must not leave the rest of it behind
  const values = Object.values(secrets)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter((secret) => secret !== '')
    .toSorted((one, other) => other.length - one.length)
  return {
    text: (text) => values.reduce((rest, secret) => rest.replaceAll(secret, maskOf(secret.length)), text),
    bytes: (bytes) =>
      values.reduce<Uint8Array>((rest, secret) => withoutBytes(rest, Buffer.from(secret)), bytes),
  }
}

function withoutBytes(bytes: Uint8Array, secret: Buffer): Uint8Array {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Uint8Array[] = []
  let from = 0
  for (;;) {
    const found = whole.indexOf(secret, from)
    if (found === -1) break
    parts.push(bytes.subarray(from, found), Buffer.from(maskOf(secret.length)))
    from = found + secret.length
  }
  return from === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(from)])
}

function maskOf(length: number): string {
  return '*'.repeat(Math.min(8, length))
}
