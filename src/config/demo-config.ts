import { PACKAGE_DIR } from './bundled-plugins.ts'

/** What relative paths of the demo are relative to: the folder that has plugins-examples. */
export const DEMO_DIR: string = PACKAGE_DIR

const OPEN = { anonymous: ['demo/#', '$SYS/#'] } as const

/**
 * What runs when no config is given: loopback only, anybody may connect, and an example plugin decides. Under
 * `demo/` everything goes; elsewhere nothing may be published, and nothing but `$SYS` be read.
 */
export const DEMO_CONFIG: Readonly<Record<string, unknown>> = {
  anonymous: true,
  plugins: {
    './plugins-examples/topic-acl': { publish_acl: OPEN, subscribe_acl: OPEN },
    './plugins-examples/event-logger': {},
  },
}
