import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PowerPorts } from '../../sandbox/host/host-ports.ts'
import { CAPABILITIES, type CapabilityRequest } from '../../sandbox/manifest/manifest.ts'
import { PluginStage } from './plugin-stage.ts'

/**
 * The list that is checked in. Run this file to write it anew, and read what changed before you commit it.
 */
export const REACHABLE_LIST: string = join(import.meta.dirname, '..', 'golden', 'reachable.txt')

/**
 * Walks over all that a plugin can reach: from the global object, from what syntax alone gives, from a hook's
 * event and its `ctx`, through own properties and prototypes. Every way to something that can be called is
 * one line.
 */
const WALKER = `
import { abstain, definePlugin } from 'bulkhead/plugin'

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Asked as a new target, a constructor does not run. */
function isConstructor(value) {
  try {
    Reflect.construct(Object, [], value)
    return true
  } catch {
    return false
  }
}

const nameOf = (key) => (typeof key === 'symbol' ? '[' + key.description + ']' : key)

function callSite() {
  const before = Error.prepareStackTrace
  Error.prepareStackTrace = (error, sites) => sites
  const [site] = new Error().stack
  if (before === undefined) delete Error.prepareStackTrace
  else Error.prepareStackTrace = before
  return site
}

/** What a program gets without naming any global. */
function fromSyntax() {
  return {
    function: function () {},
    arrow: () => {},
    method: { method() {} }.method,
    class: class {},
    async: async () => {},
    generator: function* () {},
    asyncGenerator: async function* () {},
    generatorObject: (function* () {})(),
    asyncGeneratorObject: (async function* () {})(),
    arguments: (function () { return arguments })(),
    array: [],
    object: {},
    regexp: /a/,
    string: Object(''),
    bigint: Object(1n),
    symbol: Object(Symbol.iterator),
    template: ((strings) => strings)\`\`,
    promise: (async () => {})(),
    arrayIterator: [].values(),
    mapIterator: new Map().values(),
    setIterator: new Set().values(),
    stringIterator: ''[Symbol.iterator](),
    matchIterator: ''.matchAll(/a/g),
    wrappedIterator: Iterator.from({ next() {} }),
    iteratorHelper: [].values().map((each) => each),
    segments: new Intl.Segmenter().segment('a'),
    segmentIterator: new Intl.Segmenter().segment('a')[Symbol.iterator](),
    error: new Error(),
    callSite: callSite(),
  }
}

function walk(roots) {
  const lines = []
  const paths = new Map()
  const queue = []
  const visit = (value, path) => {
    if (!isObject(value) || paths.has(value)) return
    paths.set(value, path)
    queue.push(value)
  }
  const note = (value, path) => {
    if (typeof value === 'function') lines.push(path + (isConstructor(value) ? ' constructs' : ''))
    visit(value, path)
  }
  const look = (object) => {
    const path = paths.get(object)
    for (const key of Reflect.ownKeys(object)) {
      const property = Reflect.getOwnPropertyDescriptor(object, key)
      const name = path + '.' + nameOf(key)
      if ('value' in property) note(property.value, name)
      else {
        if (property.get) note(property.get, 'get ' + name)
        if (property.set) note(property.set, 'set ' + name)
      }
    }
    visit(Reflect.getPrototypeOf(object), path + '.[[Prototype]]')
  }
  for (const [name, root] of roots) {
    note(root, name)
    // breadth first: each thing has the shortest of its names
    while (queue.length > 0) look(queue.shift())
  }
  return lines.sort()
}

/** A getter of ctx makes what it gives: it is called, and what it gives is a root of its own. */
function powersOf(ctx) {
  const powers = []
  for (const key of Reflect.ownKeys(Reflect.getPrototypeOf(ctx))) {
    try {
      powers.push(['ctx.' + nameOf(key), ctx[key]])
    } catch (refused) {
      powers.push(['ctx.' + nameOf(key), undefined])
    }
  }
  return powers
}

let lines
export default definePlugin({
  capabilities: CAPABILITIES,
  authorizePublish: (event, ctx) => {
    const syntax = Object.entries(fromSyntax()).map(([name, value]) => ['syntax ' + name, value])
    const powers = powersOf(ctx)
    lines ??= walk([['globalThis', globalThis], ...syntax, ['event', event], ...powers, ['ctx', ctx]])
    const chunk = lines.splice(0, 10)
    ctx.log.info('paths', { chunk })
    return abstain(String(lines.length))
  },
})`

/** What of a capability must be named to be granted. */
const ATTENUATED: Readonly<Record<string, CapabilityRequest>> = {
  publish: { topics: ['#'], perSecond: 1 },
  kv: { bytes: 1024 },
  fetch: { hosts: ['example.com'] },
  query: { names: ['find'] },
  ldap: { names: ['staff'] },
}
/** A walk calls no power: that there is something behind each is enough. */
function uncalled(): never {
  throw new Error('the walk called a power')
}
const PORTS: PowerPorts = {
  query: { run: uncalled },
  ldap: { search: uncalled, bind: uncalled },
  kv: { get: uncalled, set: uncalled, delete: uncalled, list: uncalled },
  publish: uncalled,
  sessions: { get: uncalled, list: uncalled },
  retained: { get: uncalled, list: uncalled },
  subscriptions: { ofClient: uncalled, matching: uncalled },
  subscribe: uncalled,
  access: { invalidate: uncalled },
  metric: uncalled,
}

/** All lines, sorted, as a plugin that was granted everything finds them in a real cell. */
export async function reachablePaths(): Promise<string[]> {
  await using stage = await PluginStage.open({ ports: PORTS })
  const capabilities = Object.fromEntries(CAPABILITIES.map((name) => [name, ATTENUATED[name] ?? true]))
  const source = WALKER.replace('CAPABILITIES', JSON.stringify(capabilities))
  const plugin = await stage.prepare(source, {}, capabilities)
  const tenant = await stage.tenant('t', plugin, { softMs: 2000, wallMs: 10_000, logsPerSec: 10_000 })
  for (let left = 1; left > 0; ) {
    const { outcome, verdict } = await tenant.publish('walk')
    if (verdict?.verdict !== 'abstain') throw new Error(`the walk ended as ${outcome}`)
    left = Number(verdict.note)
  }
  return stage.toldOf('pluginLog').flatMap(([, , , , fields]) => (fields as { chunk: string[] }).chunk)
}

if (import.meta.main) writeFileSync(REACHABLE_LIST, `${(await reachablePaths()).join('\n')}\n`)
