/** A moment, finer than a `Date`. */
export interface Moment {
  readonly date: Date
  /** Within the second. */
  readonly nanoseconds: number
}

export function momentNow(): Moment {
  const ms = performance.timeOrigin + performance.now()
  return { date: new Date(ms), nanoseconds: Math.floor((ms % 1000) * 1e6) }
}

/** 2016-08-10T09:47:38+0100 */
export function isoTime({ date }: Moment): string {
  return `${day(date)}T${time(date)}${offset(date)}`
}

/** The same with microseconds. */
export function preciseTime({ date, nanoseconds }: Moment): string {
  return `${day(date)}T${time(date)}.${padded(Math.floor(nanoseconds / 1000), 6)}${offset(date)}`
}

/** 1470818943.786368637 */
export function unixTime({ date, nanoseconds }: Moment): string {
  return `${Math.floor(date.getTime() / 1000)}.${padded(nanoseconds, 9)}`
}

/** Whether it is one of strftime's letters that we know; `N`, the nanoseconds, is mosquitto's own. */
export function isClockField(letter: string): boolean {
  return Object.hasOwn(FIELDS, letter)
}

export function clockField(letter: string, moment: Moment): string {
  return FIELDS[letter]?.(moment.date, moment.nanoseconds) ?? ''
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
/** Letters of a name's short form. */
const SHORT = 3
const DAY_MS = 86_400_000

const FIELDS: Readonly<Record<string, (date: Date, nanoseconds: number) => string>> = {
  A: (date) => DAYS[date.getDay()] ?? '',
  a: (date) => (DAYS[date.getDay()] ?? '').slice(0, SHORT),
  B: (date) => MONTHS[date.getMonth()] ?? '',
  b: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, SHORT),
  D: (date) => `${padded(date.getMonth() + 1)}/${padded(date.getDate())}/${padded(date.getFullYear() % 100)}`,
  d: (date) => padded(date.getDate()),
  e: (date) => String(date.getDate()).padStart(2),
  F: day,
  H: (date) => padded(date.getHours()),
  I: (date) => padded(date.getHours() % 12 || 12),
  j: (date) => padded(dayOfYear(date), 3),
  M: (date) => padded(date.getMinutes()),
  m: (date) => padded(date.getMonth() + 1),
  N: (_date, nanoseconds) => padded(nanoseconds, 9),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  R: (date) => `${padded(date.getHours())}:${padded(date.getMinutes())}`,
  S: (date) => padded(date.getSeconds()),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  T: time,
  u: (date) => String(date.getDay() || 7),
  w: (date) => String(date.getDay()),
  Y: (date) => String(date.getFullYear()),
  y: (date) => padded(date.getFullYear() % 100),
  z: offset,
}

function dayOfYear(date: Date): number {
  const midnight = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return (midnight - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS + 1
}

function day(date: Date): string {
  return `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`
}

function time(date: Date): string {
  return `${padded(date.getHours())}:${padded(date.getMinutes())}:${padded(date.getSeconds())}`
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}${padded(size % 60)}`
}

function padded(number: number, digits = 2): string {
  return String(number).padStart(digits, '0')
}
