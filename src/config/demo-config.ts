import path from 'node:path'
import { PACKAGE_DIR } from './bundled-plugins.ts'

const OPEN = { anonymous: ['demo/#', '$SYS/#'] } as const

/**
 * What runs when no config is given: loopback only, anybody may connect, an example plugin decides, and
 * what outlives the process lies where the broker was started. Under `demo/` everything goes; elsewhere
 * nothing may be published, and nothing but `$SYS` be read.
 */
export const DEMO_CONFIG: Readonly<Record<string, unknown>> = {
  anonymous: true,
  data: './bulkhead-data',
  admin: { bind: '127.0.0.1:18083' },
  plugins: {
    [bundled('topic-acl')]: { publish_acl: OPEN, subscribe_acl: OPEN },
    [bundled('event-logger')]: {},
  },
}

function bundled(plugin: string): string {
  return path.join(PACKAGE_DIR, 'plugins-examples', plugin)
}
