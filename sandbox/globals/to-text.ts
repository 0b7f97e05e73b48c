/** Any value as text, as Web IDL's DOMString. @throws TypeError for a symbol. */
export function toText(value: unknown): string {
  if (typeof value === 'symbol') throw new TypeError('a symbol is no text')
  return String(value)
}

/** Any value as text without lone surrogates, as Web IDL's USVString. @throws TypeError for a symbol. */
export function toScalarText(value: unknown): string {
  return toText(value).toWellFormed()
}
