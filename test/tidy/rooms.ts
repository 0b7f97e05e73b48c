import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser'

const BASE = 'src/base/'
const ENGINE = 'src/engine/engine.ts'
const DOOR = 'sandbox/index.ts'
const START_LINES = 'src/observe/start-lines.ts'
const WORDS = ['sandbox/limits.ts', 'sandbox/outcome.ts']

/**
 * The rooms of the flow, left to right: each imports those left of it, and declares what it needs from the
 * right.
 */
const FLOW = ['codec', 'router', 'session', 'hooks', 'delivery', 'protocol'].map((room) => `src/${room}/`)

interface Room {
  /** The beginning of the paths that belong to it. */
  readonly room: string
  /** The beginnings of the paths that it may import beside its own. */
  readonly imports: readonly string[]
}

/** Who may import whom. Every file fits one entry. */
export const ROOMS: readonly Room[] = [
  { room: BASE, imports: [] },
  ...FLOW.map((room, place) => ({
    room,
    imports: [BASE, ENGINE, ...FLOW.slice(0, place), ...(room === 'src/hooks/' ? [DOOR] : [])],
  })),
  { room: 'src/transport/', imports: [BASE, 'src/codec/'] },
  { room: 'src/tenants/', imports: [BASE, ENGINE, 'src/router/', 'src/session/'] },
  { room: 'src/engine/', imports: [BASE] },
  { room: 'src/observe/', imports: [BASE] },
  { room: 'src/config/', imports: [BASE, DOOR] },
  // what is asked of a database is described by the config, and answered to the sandbox
  { room: 'src/sources/', imports: [BASE, DOOR, 'src/config/source-config.ts'] },
  { room: 'src/client/', imports: [BASE, DOOR, 'src/codec/'] },
  { room: 'src/hosting/', imports: [BASE, DOOR, ENGINE] },
  { room: 'src/admin/', imports: [BASE, 'src/hosting/'] },
  {
    room: 'src/cli/',
    // the doctor says who decides what in the words of the start lines; attacks are data of the tests
    imports: [
      BASE,
      DOOR,
      'src/index.ts',
      'src/create-client.ts',
      'src/client-plan.ts',
      'src/config/',
      'src/client/',
      'sandbox/bundle/',
      START_LINES,
      'src/observe/printable.ts',
      // what `sub -T` leaves out
      'src/router/topic-filter.ts',
      // what is done with the files of a store, beside a broker or without one
      'src/engine/sqlite/store-copy.ts',
      'src/engine/sqlite/store-report.ts',
      // where a running broker is found
      'src/admin/socket-path.ts',
      'test/attack/',
    ],
  },
  {
    room: 'src/index.ts',
    imports: [
      BASE,
      DOOR,
      'src/broker.ts',
      'src/create-client.ts',
      'src/client/client.ts',
      'src/config/',
      'src/observe/',
    ],
  },
  // the client's composition root, as broker.ts is the broker's
  {
    room: 'src/create-client.ts',
    imports: [
      BASE,
      DOOR,
      'src/client-plan.ts',
      'src/client/',
      'src/config/',
      'src/engine/memory/memory-kv.ts',
      'src/observe/',
    ],
  },
  { room: 'src/client-plan.ts', imports: ['src/client/', 'src/config/client-config.ts'] },
  {
    room: 'src/open-engine.ts',
    imports: [
      BASE,
      'src/engine/',
      'src/codec/',
      'src/config/broker-config.ts',
      'src/protocol/',
      'src/router/',
      'src/session/',
    ],
  },
  // what is managed while the broker runs: each plugs a domain into what is live
  {
    room: 'src/live-tenants.ts',
    imports: [
      BASE,
      DOOR,
      'src/codec/reason-code.ts',
      'src/config/',
      'src/hooks/',
      'src/observe/',
      'src/observers.ts',
      'src/tenants/',
    ],
  },
  {
    room: 'src/hosted-tenants.ts',
    imports: [
      BASE,
      ENGINE,
      'src/admin/admin-ports.ts',
      'src/config/',
      'src/hosted-plugins.ts',
      'src/hosting/',
      'src/live-tenants.ts',
      'src/observe/',
    ],
  },
  {
    room: 'src/hosted-access.ts',
    imports: [BASE, ENGINE, 'src/admin/admin-ports.ts', 'src/config/', 'src/hosting/', 'src/live-tenants.ts'],
  },
  {
    room: 'src/hosted-plugins.ts',
    imports: [
      BASE,
      DOOR,
      ENGINE,
      'src/admin/admin-ports.ts',
      'src/config/',
      'src/hooks/shadow-report.ts',
      'src/hosting/',
      'src/live-tenants.ts',
    ],
  },
  {
    room: 'src/admin-desk.ts',
    imports: [
      BASE,
      DOOR,
      ENGINE,
      'src/admin/',
      'src/codec/reason-code.ts',
      'src/config/',
      'src/hosted-access.ts',
      'src/hosted-plugins.ts',
      'src/hosted-tenants.ts',
      'src/hosting/',
      'src/instruments.ts',
      'src/live-tenants.ts',
      'src/observe/',
      'src/protocol/plugin-services.ts',
      'src/reload.ts',
      'src/router/topic-filter.ts',
      'src/sources/open-sources.ts',
    ],
  },
  {
    room: 'src/reload.ts',
    imports: [
      BASE,
      DOOR,
      'src/config/',
      'src/hooks/prepare-plugins.ts',
      'src/hosted-plugins.ts',
      'src/hosted-tenants.ts',
      'src/live-tenants.ts',
      'src/sources/open-sources.ts',
    ],
  },
  { room: 'src/power-ports.ts', imports: [BASE, DOOR, 'src/protocol/plugin-services.ts'] },
  { room: 'src/shadow-kv.ts', imports: [BASE, ENGINE] },
  {
    room: 'src/entrance.ts',
    imports: ['src/config/broker-config.ts', 'src/protocol/ports.ts', 'src/tenants/'],
  },
  {
    room: 'src/host-observer.ts',
    imports: [BASE, ENGINE, DOOR, 'src/hooks/', 'src/observe/', 'src/protocol/ports.ts'],
  },
  // reads what is measured wherever it is counted
  {
    room: 'src/metric-readers.ts',
    imports: [BASE, ENGINE, DOOR, 'src/observe/', 'src/session/quotas.ts'],
  },
  {
    room: 'src/instruments.ts',
    imports: [BASE, ENGINE, DOOR, 'src/config/broker-config.ts', 'src/metric-readers.ts', 'src/observe/'],
  },
  {
    room: 'src/sys-tree.ts',
    imports: [BASE, ENGINE, 'src/codec/', 'src/delivery/', 'src/observe/', 'src/session/'],
  },
  {
    room: 'src/observers.ts',
    imports: [
      BASE,
      'src/codec/',
      'src/config/broker-config.ts',
      'src/delivery/',
      'src/hooks/',
      'src/observe/',
      'src/protocol/',
      'src/session/',
      'src/sys-tree.ts',
      'src/tenants/',
    ],
  },
  { room: 'src/broker.ts', imports: ['src/', DOOR] },
  { room: 'sandbox/sdk/', imports: [] },
  { room: 'sandbox/globals/', imports: [] },
  { room: 'sandbox/wire/', imports: ['sandbox/sdk/'] },
  { room: 'sandbox/guest/', imports: ['sandbox/sdk/', 'sandbox/wire/'] },
  { room: 'sandbox/cell/', imports: ['sandbox/sdk/', 'sandbox/wire/'] },
  { room: 'sandbox/manifest/', imports: [BASE, ...WORDS, 'sandbox/sdk/'] },
  { room: 'sandbox/bundle/', imports: [BASE, ...WORDS, 'sandbox/sdk/', 'sandbox/manifest/'] },
  {
    room: 'sandbox/host/',
    imports: [BASE, ...WORDS, 'sandbox/sdk/', 'sandbox/wire/', 'sandbox/manifest/', 'sandbox/bundle/'],
  },
  ...WORDS.map((room) => ({ room, imports: [] })),
  {
    room: DOOR,
    imports: [BASE, ...WORDS, 'sandbox/sdk/', 'sandbox/manifest/', 'sandbox/bundle/', 'sandbox/host/'],
  },
  {
    room: 'sandbox/test-',
    imports: [BASE, DOOR, ...WORDS, 'sandbox/sdk/', 'sandbox/manifest/', 'sandbox/bundle/', 'sandbox/host/'],
  },
  { room: 'plugins-examples/', imports: ['sandbox/sdk/index.ts', 'sandbox/test-kit.ts'] },
]

/** Where each package of others is used: whoever wants to replace one finds it in one room. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@fastify/rate-limit': ['src/admin/admin-app.ts'],
  '@fastify/swagger': ['src/admin/admin-app.ts'],
  // the API's bodies, and what is read back from the store, are as hostile as a config
  ajv: ['src/admin/', 'src/config/', 'src/hosting/', 'sandbox/manifest/'],
  bcrypt: ['sandbox/host/capabilities/password.ts'],
  commander: ['src/cli/'],
  esbuild: ['sandbox/bundle/'],
  fastify: ['src/admin/'],
  'isolated-vm': ['sandbox/cell/isolate.ts'],
  ldapts: ['src/sources/ldap.ts'],
  jose: ['sandbox/host/capabilities/jwt.ts'],
  mqtt: ['src/client/'],
  'mqtt-packet': ['src/codec/'],
  pg: ['src/sources/postgres.ts', 'src/sources/postgres-values.ts'],
  picocolors: ['src/cli/'],
  pino: ['src/observe/'],
  'pino-pretty': ['src/observe/'],
  'prom-client': ['src/observe/metrics.ts'],
  undici: ['sandbox/host/capabilities/exchange.ts'],
  ws: ['src/transport/'],
  yaml: ['src/cli/', 'src/config/', 'sandbox/manifest/'],
}

/** Rooms that no module of Node's may enter: what they hold also runs where there is none. */
const WITHOUT_NODE = [
  'sandbox/sdk/',
  'sandbox/globals/',
  'sandbox/wire/',
  'sandbox/guest/',
  'plugins-examples/',
]

/** What a cruise found. */
export interface Imports {
  readonly modules: readonly string[]
  /** `from → to (rule)`, one each. */
  readonly violations: readonly string[]
}

/**
 * Reads all imports below a folder, types included, and holds them against {@link ROOMS} and
 * {@link PACKAGES}.
 */
export async function cruiseRooms(baseDir: string): Promise<Imports> {
  const folders = ['src', 'sandbox', 'plugins-examples'].filter((folder) => existsSync(join(baseDir, folder)))
  const { output } = await cruise(
    folders,
    {
      baseDir,
      // without a parser of its own it needs TypeScript's old API, and silently sees no module at all
      parser: 'swc',
      tsPreCompilationDeps: true,
      validate: true,
      ruleSet: { forbidden: forbidden() },
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '\\.json$' },
    },
    { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  )
  const { modules, summary } = output as ICruiseResult
  return {
    modules: modules
      .map(({ source }) => source)
      .filter((source) => /^(src|sandbox|plugins-examples)\//.test(source)),
    violations: summary.violations.map(({ from, to, rule }) => `${from} → ${to} (${rule.name})`),
  }
}

function forbidden(): IForbiddenRuleType[] {
  return [
    { name: 'no cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing missing', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no Node here',
      severity: 'error',
      from: { path: beginsWith(WITHOUT_NODE), pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    ...ROOMS.map(
      ({ room, imports }): IForbiddenRuleType => ({
        name: `${room} may not`,
        severity: 'error',
        from: { path: beginsWith([room]) },
        to: { path: '^(src|sandbox|plugins-examples|test)/', pathNot: beginsWith([room, ...imports]) },
      }),
    ),
    ...Object.entries(PACKAGES).map(
      ([name, users]): IForbiddenRuleType => ({
        name: `${name} has its room`,
        severity: 'error',
        from: { path: '^(src|sandbox|plugins-examples)/', pathNot: beginsWith(users) },
        to: { path: `^node_modules/${name}/` },
      }),
    ),
    {
      name: 'a package is chosen by name',
      severity: 'error',
      from: { path: '^(src|sandbox|plugins-examples)/' },
      to: {
        path: '^node_modules/',
        pathNot: beginsWith(Object.keys(PACKAGES).map((name) => `node_modules/${name}/`)),
      },
    },
  ]
}

function beginsWith(paths: readonly string[]): string {
  return `^(${paths.map((path) => RegExp.escape(path)).join('|')})`
}
