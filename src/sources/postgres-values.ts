import type { CustomTypesConfig } from 'pg'

type Parse = (text: string) => unknown

/** By the numbers that PostgreSQL gives its types in `pg_type`. */
const PARSERS: Readonly<Record<number, Parse>> = {
  16: (text) => text === 't',
  17: bytes,
  20: integer,
  21: Number,
  23: Number,
  26: integer,
  700: float,
  701: float,
  1114: iso,
  1184: iso,
}

/**
 * How values are read: as plain data that means the same in every language. Decimals and integers beyond 2^53
 * stay text, and so does all that has no form of its own.
 */
export function postgresValues(): CustomTypesConfig {
  return { getTypeParser: parserOf as CustomTypesConfig['getTypeParser'] }
}

function parserOf(oid: number): Parse {
  return PARSERS[oid] ?? asText
}

function asText(text: string): string {
  return text
}

function integer(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** JSON has neither `NaN` nor `Infinity`. */
function float(text: string): number | string {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

/** The server writes hex since version 9. */
function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

/** `2026-01-31 12:00:00.5+00` with a T, and the minutes of the zone: ISO 8601. Infinity stays what it is. */
function iso(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
}
