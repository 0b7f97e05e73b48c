/** The plugin host's door: what the broker, the command line and the test kit may use. */
export { createPluginHost, type PluginHostOptions } from './host/plugin-host.ts'
export type { JailMode } from './host/jail.ts'
export type {
  CheckedVerdict,
  FiltersVerdict,
  RecipientsVerdict,
  SingleVerdict,
} from './host/checked-verdict.ts'
export type {
  Asker,
  BundleSource,
  HostObserver,
  JailLayer,
  LogLevel,
  PluginHandle,
  PluginHost,
  PluginSource,
  PreparedPlugin,
  Subject,
  TenantPlugins,
  TenantSpec,
} from './host/host-ports.ts'
export { secretPaths } from './manifest/secret-paths.ts'
export { DEFAULT_LIMITS, type SandboxLimits } from './limits.ts'
export type { Manifest } from './manifest/manifest.ts'
export { OUTCOMES, type Outcome } from './outcome.ts'
export { ASKERS, TELLERS, type AskerName, type HookName, type TellerName } from './sdk/hooks.ts'
