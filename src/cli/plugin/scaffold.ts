import { mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { BulkheadError } from '../../base/errors.ts'

/** Where this program is, and its package with it. */
const OWN_ROOT = path.resolve(import.meta.dirname, '../../..')

const PLUGIN = `import { allow, definePlugin, deny } from 'bulkhead/plugin'

export default definePlugin({
  // what whoever deploys it may set; it is checked before the plugin sees it
  config: {
    type: 'object',
    properties: { prefix: { type: 'string' } },
    additionalProperties: false,
  },
  // powers it asks for; your editor lists them
  capabilities: { log: true },

  authorizePublish: ({ topic, client }, ctx) => {
    const own = \`\${ctx.config.prefix ?? 'devices'}/\${client.clientId}/\`
    if (topic.startsWith(own)) return allow()
    ctx.log.info('refused', { topic })
    return deny('notAuthorized', \`publish below \${own}\`)
  },
})
`

const TEST = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

test('a device publishes below its own name alone', async () => {
  await using plugin = await loadPlugin(import.meta.dirname, { config: { prefix: 'meters' } })
  const client = { clientId: 'm1' }
  const own = await plugin.authorizePublish({ topic: 'meters/m1/power', client })
  assert.equal(own.verdict?.verdict, 'allow')
  const other = await plugin.authorizePublish({ topic: 'meters/m2/power', client })
  assert.equal(other.verdict?.verdict, 'deny')
})
`

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    target: 'esnext',
    module: 'nodenext',
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
}

/**
 * Writes a new plugin: typed, with a test, and linked to this program's types, so that an editor and the test
 * need nothing from the network.
 *
 * @returns the files, by their names in the folder.
 * @throws BulkheadError ERR_USAGE: something is there already, or the folder's name is no plugin's name.
 */
export async function scaffold(folder: string): Promise<readonly string[]> {
  const name = path.basename(folder)
  if (!NAME.test(name))
    throw new BulkheadError(
      'ERR_USAGE',
      `${JSON.stringify(name)} is no name of a plugin: a letter, then letters, digits, - and _; all small`,
    )
  await mkdir(folder, { recursive: true })
  const [found] = await readdir(folder)
  if (found !== undefined)
    throw new BulkheadError('ERR_USAGE', `${folder} has ${found} already; name a folder that is new or empty`)
  // links are told from where the folder really is
  const root = await realpath(folder)
  const files = filesOf(root, name)
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(root, file), text)
  await linkOwn(root)
  return Object.keys(files)
}

/** As the manifest will demand it, without its upper case. */
const NAME = /^[a-z][a-z0-9_-]{0,63}$/

function filesOf(folder: string, name: string): Readonly<Record<string, string>> {
  const manifest = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      test: 'bulkhead plugin test',
      build: 'bulkhead plugin build .',
      deploy: 'bulkhead plugin deploy',
    },
    devDependencies: { bulkhead: `file:${path.relative(folder, OWN_ROOT)}` },
  }
  return {
    'plugin.ts': PLUGIN,
    'plugin.test.ts': TEST,
    'package.json': json(manifest),
    'tsconfig.json': json(TSCONFIG),
    '.gitignore': 'node_modules\n*.bundle.json\n',
  }
}

/** What `npm install` would do with it. */
async function linkOwn(folder: string): Promise<void> {
  const commands = path.join(folder, 'node_modules/.bin')
  await mkdir(commands, { recursive: true })
  await symlink(
    path.relative(path.join(folder, 'node_modules'), OWN_ROOT),
    path.join(folder, 'node_modules/bulkhead'),
  )
  await symlink('../bulkhead/src/cli/bulkhead.sh', path.join(commands, 'bulkhead'))
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
