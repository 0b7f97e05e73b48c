import type { AdminRoute } from '../route.ts'
import { AUDIT_ROUTES } from './audit.ts'
import { CLIENT_ROUTES } from './clients.ts'
import { EXPLAIN_ROUTES } from './explain.ts'
import { HEALTH_ROUTES } from './health.ts'
import { KV_ROUTES } from './kv.ts'
import { PLUGIN_ROUTES } from './plugins.ts'
import { RETAINED_ROUTES } from './retained.ts'
import { TAIL_ROUTES } from './tail.ts'
import { TENANT_ROUTES } from './tenants.ts'
import { TOKEN_ROUTES } from './tokens.ts'
import { USER_ROUTES } from './users.ts'

/** All that can be asked, by resource. */
export const ROUTES: readonly AdminRoute[] = [
  ...HEALTH_ROUTES,
  ...TOKEN_ROUTES,
  ...TENANT_ROUTES,
  ...PLUGIN_ROUTES,
  ...USER_ROUTES,
  ...CLIENT_ROUTES,
  ...RETAINED_ROUTES,
  ...KV_ROUTES,
  ...EXPLAIN_ROUTES,
  ...AUDIT_ROUTES,
  ...TAIL_ROUTES,
]
