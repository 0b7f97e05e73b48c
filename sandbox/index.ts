/** The plugin host's door: what the broker, the command line and the test kit may use. */
export { createPluginHost } from './host/plugin-host.ts'
export type {
  CheckedVerdict,
  SingleVerdict,
} from './host/checked-verdict.ts'
export type {
  Asker,
  AuditRecord,
  HostObserver,
  JailLayer,
  KvOutcome,
  KvPort,
  KvQuota,
  LogLevel,
  Origin,
  PluginPublication,
  PowerPorts,
  PluginHandle,
  PluginHost,
  PluginSource,
  PreparedPlugin,
  StoredValue,
  Subject,
  TenantPlugins,
} from './host/host-ports.ts'
export { autoMaxCells, usableMemoryBytes } from './host/max-cells.ts'
export { residentMiB } from './host/resident-memory.ts'
export { type RuntimeVersions, runtimeVersions } from './host/runtime-versions.ts'
export { secretPaths } from './manifest/secret-paths.ts'
export { DEFAULT_LIMITS, type SandboxLimits } from './limits.ts'
export { OUTCOMES, type Outcome } from './outcome.ts'
export { ASKERS, TELLERS, type AskerName, type HookName, type TellerName } from './sdk/hooks.ts'
