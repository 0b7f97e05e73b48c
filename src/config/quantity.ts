/** How a number may be written, as the schema's own keyword `quantity` says. */
export type Quantity = 'bytes' | 'bytesOrUnlimited' | 'countOrUnlimited' | 'countOrAuto'

const SIZE = 'a size such as 65536, 64KiB, 10MiB or 1GiB'

/** What each takes, in the words of an error message. */
export const QUANTITIES: Readonly<Record<Quantity, string>> = {
  bytes: SIZE,
  bytesOrUnlimited: `unlimited, or ${SIZE}`,
  countOrUnlimited: 'unlimited, or an integer',
  countOrAuto: 'auto, or an integer',
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/**
 * The number that is meant, `Infinity` for `unlimited` and for `auto`, which the config does not bound, or
 * undefined when the text is none of the kind.
 */
export function parseQuantity(kind: Quantity, written: number | string): number | undefined {
  if (typeof written === 'number') return written
  if (kind === 'countOrAuto') return written === 'auto' ? Number.POSITIVE_INFINITY : undefined
  if (kind !== 'bytes' && written === 'unlimited') return Number.POSITIVE_INFINITY
  if (kind === 'countOrUnlimited') return undefined
  const [, digits, unit] = /^([0-9]{1,15}) ?(B|KiB|MiB|GiB)$/.exec(written) ?? []
  if (digits === undefined || unit === undefined) return undefined
  const bytes = Number(digits) * (UNITS[unit] ?? Number.NaN)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
