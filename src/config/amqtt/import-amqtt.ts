import { Document } from 'yaml'
import type { ConfigTree } from '../config-tree.ts'
import { foldKeys, importListeners } from './listeners.ts'
import { legacyImport } from './legacy-plugins.ts'
import { Notes } from './notes.ts'
import { DEFAULT_PLUGINS, importPlugins, writtenPlugins } from './plugins.ts'

/** An aMQTT config in our terms. */
export interface Imported {
  readonly yaml: string
  /** One sentence for each thing that differs here, or could not be translated. */
  readonly notes: readonly string[]
}

const TRANSLATED: ReadonlySet<string> = new Set([
  'listeners',
  'plugins',
  'auth',
  'topic_check',
  'sys_interval',
  'session_expiry_interval',
  'timeout_disconnect_delay',
  'max_qos',
])

/**
 * Translates a broker's config of aMQTT's, of either form. Nothing is dropped without a word: what has no
 * counterpart is named, and a plugin that has none keeps the broker from starting.
 */
export function importAmqtt(tree: ConfigTree): Imported {
  const notes = new Notes(tree)
  const { root } = tree
  const folded = foldKeys(root)
  for (const key of Object.keys(root).filter((name) => !TRANSLATED.has(name.replaceAll('-', '_')))) {
    notes.at(`/${key}`, 'NOT TRANSLATED: it is no key of a broker there')
  }
  const isLegacy = folded['plugins'] === undefined && (folded['auth'] ?? folded['topic_check']) !== undefined
  const legacy = isLegacy ? legacyImport(root, notes) : undefined
  if (!isLegacy) noteIgnored(root, notes)
  const named = folded['plugins'] === undefined ? DEFAULT_PLUGINS : writtenPlugins(folded['plugins'], notes)
  const written = legacy?.plugins ?? named
  const { plugins, allow, sysIntervalSec } = importPlugins(written, notes)
  const intervalSec = numberIn(folded['sys_interval']) ?? sysIntervalSec
  const expirySec = numberIn(folded['session_expiry_interval'])
  const config = {
    listeners: importListeners(folded['listeners'], notes),
    ...(typeof folded['max_qos'] === 'number' ? { mqtt: { maximumQos: folded['max_qos'] } } : {}),
    ...(intervalSec === undefined ? {} : { sys: { intervalSec } }),
    ...(expirySec === undefined ? {} : { quotas: { sessionExpirySec: expirySec } }),
    ...(legacy?.topicDefault === undefined ? {} : { topicDefault: legacy.topicDefault }),
    ...(Object.keys(allow).length > 0 ? { allow } : {}),
    plugins,
  }
  noteDifferences(root, Object.keys(plugins), notes)
  const document = new Document(config)
  document.commentBefore = ['Translated from an aMQTT config. What differs:', ...notes.lines]
    .map((line) => ` ${line}`)
    .join('\n')
  return { yaml: document.toString({ lineWidth: 0, nullStr: '' }), notes: notes.lines }
}

/** With `plugins:`, aMQTT looks at neither of these. */
function noteIgnored(root: Readonly<Record<string, unknown>>, notes: Notes): void {
  for (const key of ['auth', 'topic-check', 'topic_check'].filter((name) => root[name] !== undefined))
    notes.at(`/${key}`, 'has no effect there beside "plugins", and is left out')
}

function noteDifferences(
  root: Readonly<Record<string, unknown>>,
  plugins: readonly string[],
  notes: Notes,
): void {
  for (const key of Object.keys(root)) {
    const text = DIFFERENCES[key.replaceAll('-', '_')]
    if (text !== undefined) notes.at(`/${key}`, text)
  }
  if (plugins.includes('bulkhead/auth-anonymous'))
    notes.add('what is sent to an anonymous client whose session goes on waits for it here; there it is lost')
  notes.add(
    'a PUBLISH that is refused is acknowledged there as if it were not; here MQTT 5 clients get the code',
  )
  notes.add('connections, messages and sizes have no bounds there; `bulkhead config show` prints those here')
}

const DIFFERENCES: Readonly<Record<string, string>> = {
  timeout_disconnect_delay:
    'NOT TRANSLATED: a client is silent for one and a half times its keep alive before it is disconnected',
  session_expiry_interval:
    'is the most that a client can ask for here; there it is how long every session is kept',
  sys_interval: 'is `sys.intervalSec` here',
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
