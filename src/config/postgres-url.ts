/** Where a PostgreSQL server is, and as whom it is asked. */
export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** On this machine: nobody listens in between. */
  readonly isLocal: boolean
}

const FORM = 'expected postgres://USER@HOST:PORT/DATABASE'

/** In place of what cannot be read, so that the rest of a config can be judged. */
export const NOWHERE: PostgresAddress = { host: '', port: 0, user: '', database: '', isLocal: true }

/** Reads the `url` of a database; text is what is wrong with it. It never repeats the URL. */
export function parsePostgresUrl(text: string): PostgresAddress | string {
  const url = URL.parse(text)
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return FORM
  if (url.password !== '') return 'a password in a URL is shown to everybody: use password or passwordFile'
  const unknown = [...url.searchParams.keys()].filter((key) => key !== 'host')
  if (unknown.length > 0 || url.hash !== '') return `${FORM}; of parameters, host alone is known`
  const socket = url.searchParams.get('host')
  const [user, database, named] = [url.username, url.pathname.slice(1), url.hostname].map(decoded)
  if (!user || !database || named === undefined) return `${FORM}; a user and a database are needed`
  const host = socket ?? named.replace(/^\[(.*)\]$/, '$1')
  if (host === '') return FORM
  const isLocal = host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
  return { host, port: url.port === '' ? 5432 : Number(url.port), user, database, isLocal }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    // half a percent sign is nobody's name
    return undefined
  }
}
