import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'
import { secretValues } from '../../../src/config/secret-values.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({
  'gate/plugin.ts': `import { allow, definePlugin } from 'bulkhead/plugin'
    export default definePlugin({ topicFiltering: () => allow() })`,
})

test('secrets of plugins, of databases, and what came from the environment, each with whose it is', async () => {
  const loaded = await loadConfig(
    {
      databases: {
        users: {
          type: 'postgres',
          url: 'postgres://bulkhead@db.example:5432/users',
          password: 'db-word',
          queries: {},
        },
      },
      settings: { apiToken: 'operator-token', region: 'north' },
      tenants: {
        acme: {
          match: { usernamePrefix: 'acme:' },
          plugins: [
            {
              [`${folder}/gate`]: {
                secrets: { signing: 'acme-signing' },
                config: { where: '${PLACE}', list: { password: ['in', 'a list'] }, plain: 'shown' },
              },
            },
          ],
        },
        default: { anonymous: true },
      },
    },
    { PLACE: 'from-env' },
  )
  const found = [...secretValues(loaded)].map(({ tenant, value }) => `${tenant}: ${value}`)
  assert.deepEqual(found.toSorted(), [
    ': db-word',
    ': operator-token',
    'acme: a list',
    'acme: acme-signing',
    'acme: from-env',
    'acme: in',
  ])
})
