import { ADMIN } from '../../base/limits.ts'
import type { DeployBody, UploadBody } from '../admin-ports.ts'
import { notFound } from '../problem.ts'
import { type AdminRoute, ANYTHING, closed, listOf, TEXT } from '../route.ts'

const DIGEST = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const
const AT = '/v1/tenants/:tenant/plugins'

/** A tenant's plugins, which it uploads and deploys by itself. */
export const PLUGIN_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: AT,
    may: 'tenant-viewer',
    summary: 'Its plugins, and which version serves',
    answer: listOf('plugins', ANYTHING),
    handle: async (ports, { params: { tenant = '' } }) => ({
      body: { plugins: await ports.plugins.list(tenant) },
    }),
  },
  {
    method: 'GET',
    url: `${AT}/:plugin`,
    may: 'tenant-viewer',
    summary: 'One plugin: what serves, what is tried, and what was deployed before',
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '', plugin = '' } }) => {
      const found = await ports.plugins.get(tenant, plugin)
      if (found === undefined) throw notFound(`plugin ${JSON.stringify(plugin)}`)
      return { body: found }
    },
  },
  {
    method: 'GET',
    url: `${AT}/:plugin/versions`,
    may: 'tenant-viewer',
    summary: 'What was uploaded, the oldest first',
    answer: listOf('versions', ANYTHING),
    handle: async (ports, { params: { tenant = '', plugin = '' } }) => ({
      body: { versions: await ports.plugins.versions(tenant, plugin) },
    }),
  },
  {
    method: 'POST',
    url: `${AT}/:plugin/versions`,
    may: 'tenant-deployer',
    summary:
      'Upload a version: it is checked, loaded once in a process of its own, and kept; nothing serves yet',
    body: closed({ bundle: TEXT, minisig: TEXT }, ['minisig']),
    bodyBytes: ADMIN.uploadBytes,
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '', plugin = '' }, body }) => {
      const version = await ports.plugins.upload(tenant, plugin, body as UploadBody)
      return { status: 201, body: version, changed: { after: version } }
    },
  },
  {
    method: 'DELETE',
    url: `${AT}/:plugin/versions/:digest`,
    may: 'tenant-deployer',
    summary: 'Delete a version that nothing needs',
    handle: async (ports, { params: { tenant = '', plugin = '', digest = '' } }) => {
      await ports.plugins.deleteVersion(tenant, plugin, digest)
      return { changed: { before: digest } }
    },
  },
  {
    method: 'POST',
    url: `${AT}/:plugin/deploy`,
    may: 'tenant-deployer',
    summary: 'Let a version serve, with these options, or try it in the shadow of the one that does',
    body: closed({ digest: DIGEST, config: ANYTHING, consent: DIGEST, mode: { enum: ['serve', 'shadow'] } }, [
      'config',
      'consent',
      'mode',
    ]),
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '', plugin = '' }, body }) => ({
      body: await ports.plugins.deploy(tenant, plugin, body as DeployBody),
      changed: { after: body },
    }),
  },
  {
    method: 'POST',
    url: `${AT}/:plugin/promote`,
    may: 'tenant-deployer',
    summary: 'Let the version that is tried serve',
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '', plugin = '' } }) => {
      const deployed = await ports.plugins.promote(tenant, plugin)
      return { body: deployed, changed: { after: deployed } }
    },
  },
  {
    method: 'DELETE',
    url: `${AT}/:plugin/shadow`,
    may: 'tenant-deployer',
    summary: 'End the trial of a version, or forget one that waits for consent',
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '', plugin = '' } }) => ({
      body: await ports.plugins.endShadow(tenant, plugin),
      changed: { before: plugin },
    }),
  },
  {
    method: 'POST',
    url: `${AT}/:plugin/rollback`,
    may: 'tenant-deployer',
    summary: 'Let the version serve again that served before',
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '', plugin = '' } }) => {
      const deployed = await ports.plugins.rollback(tenant, plugin)
      return { body: deployed, changed: { after: deployed } }
    },
  },
  {
    method: 'DELETE',
    url: `${AT}/:plugin`,
    may: 'tenant-admin',
    summary: 'Take a plugin out of service, and delete its versions',
    handle: async (ports, { params: { tenant = '', plugin = '' } }) => {
      await ports.plugins.delete(tenant, plugin)
      return { changed: { before: plugin } }
    },
  },
]
