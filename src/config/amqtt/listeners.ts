import { isPlainMap } from '../config-tree.ts'
import { childPointer, type Pointer } from '../pointer.ts'
import type { Notes } from './notes.ts'

type Plain = Readonly<Record<string, unknown>>

/** A listener of ours, as somebody would write it. */
export type ImportedListener = Record<string, unknown>

const PORTS: Readonly<Record<string, number>> = { tcp: 1883, ws: 8080 }
const TEMPLATE = 'default'
const NAME = /^[A-Za-z][\w-]{0,63}$/
/** Written of TLS, whether or not `ssl` is on. */
const TLS_KEYS: Readonly<Record<string, string>> = {
  certfile: 'certFile',
  keyfile: 'keyFile',
  cafile: 'caFile',
}
const KNOWN: ReadonlySet<string> = new Set([
  'type',
  'bind',
  'max_connections',
  'ssl',
  ...Object.keys(TLS_KEYS),
])

/**
 * Translates `listeners:`. What a listener does not say, it takes from the one called `default`; that one is
 * a listener itself, unless it is there for the others alone and says no address.
 */
export function importListeners(written: unknown, notes: Notes): Record<string, ImportedListener> {
  const listeners = isPlainMap(written) ? written : { [TEMPLATE]: {} }
  const template = foldKeys(listeners[TEMPLATE])
  const imported: Record<string, ImportedListener> = {}
  for (const [name, value] of Object.entries(listeners)) {
    const pointer = childPointer('/listeners', name)
    const own = foldKeys(value)
    if (name === TEMPLATE && own['bind'] === undefined && Object.keys(listeners).length > 1) {
      notes.at(pointer, 'has no address of its own: it only says what the others leave out')
      continue
    }
    const listener = importListener({ ...template, ...own }, pointer, notes)
    if (listener !== undefined) imported[nameFor(name, pointer, notes)] = listener
  }
  return imported
}

function importListener(written: Plain, pointer: Pointer, notes: Notes): ImportedListener | undefined {
  const { type = 'tcp', bind = '0.0.0.0:1883', max_connections: most } = written
  if (type !== 'tcp' && type !== 'ws') {
    notes.at(pointer, `NOT TRANSLATED: a listener of the type ${JSON.stringify(type)} has no counterpart`)
    return undefined
  }
  for (const key of Object.keys(written).filter((name) => !KNOWN.has(name))) {
    notes.at(childPointer(pointer, key), `NOT TRANSLATED: ${UNTRANSLATED[key] ?? 'there is no such key'}`)
  }
  const listener: ImportedListener = { type, bind: addressOf(String(bind), type) }
  if (type === 'ws') {
    listener['path'] = '/mqtt'
    notes.at(pointer, 'WebSocket clients are served at one path alone, /mqtt; there at any')
  }
  if (typeof most === 'number' && most > 0) listener['maxConnections'] = most
  const tls = Object.entries(TLS_KEYS).flatMap(([key, ours]) => (written[key] ? [[ours, written[key]]] : []))
  if (isOn(written['ssl'])) {
    listener['tls'] = {
      ...Object.fromEntries(tls),
      ...(written['cafile'] ? { clientCertificate: 'request' } : {}),
    }
  } else if (tls.length > 0)
    notes.at(pointer, 'certificates without "ssl: on" have no effect there, and are left out')
  return listener
}

const UNTRANSLATED: Readonly<Record<string, string>> = {
  capath: 'a folder of certificates; join them in one file, and name it in tls.caFile',
  cadata: 'certificates in the config itself; write them to a file, and name it in tls.caFile',
  reader: 'it is of a listener in the program itself',
  writer: 'it is of a listener in the program itself',
}

/** `1883`, `:1883` and nothing at all are addresses there. */
function addressOf(bind: string, type: string): string {
  const port = PORTS[type] ?? 0
  const plain = /^:?(\d*)$/.exec(bind)
  if (plain !== null) return `0.0.0.0:${plain[1] === '' ? port : plain[1]}`
  return /:\d+$/.test(bind) ? bind : `${bind}:${port}`
}

function nameFor(name: string, pointer: Pointer, notes: Notes): string {
  if (NAME.test(name)) return name
  const renamed = `l-${name.replaceAll(/[^\w-]/g, '-')}`.slice(0, 64)
  notes.at(pointer, `is called ${renamed}: names are letters, digits, _ and -, and begin with a letter`)
  return renamed
}

function isOn(value: unknown): boolean {
  return value === true || value === 'on' || value === 'yes'
}

/** A map with `_` in place of each `-` of its keys, which are alike there. */
export function foldKeys(value: unknown): Plain {
  if (!isPlainMap(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key.replaceAll('-', '_'), child]))
}
