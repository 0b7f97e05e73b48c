import { testClient } from './sessions.ts'

const NAMES = ['ann', 'bob', 'cy']

/** As the host knows three clients. */
export const subjects = NAMES.map((name, ref) => ({
  ref,
  json: `{"clientId":"${name}"}`,
  source: '',
  release: () => undefined,
}))

/** The same three, about to receive one message, each by a filter of its own. */
export const targets = NAMES.map((name, place) => ({
  client: testClient(name, { subject: subjects[place] ?? null }),
  filter: `${name}/#`,
}))
