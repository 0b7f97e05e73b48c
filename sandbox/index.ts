/** The plugin host's door: what the broker, the command line and the test kit may use. */

export { autoMaxCells, usableMemoryBytes } from './host/cells/max-cells.ts'
export { residentMiB } from './host/cells/resident-memory.ts'
export type { Upload } from './host/bundle-source.ts'
export type {
  Asker,
  AuditRecord,
  CellStatus,
  HostObserver,
  JailLayer,
  KvOutcome,
  KvPort,
  KvQuota,
  LogLevel,
  Origin,
  PluginHandle,
  PluginHost,
  PluginPublication,
  PluginSource,
  PowerPorts,
  PreparedPlugin,
  StoredValue,
  Subject,
  TenantPlugins,
} from './host/host-ports.ts'
export type { CellCounts, HookCounts, PluginCounts } from './host/counts.ts'
export { checkPassword, hashPassword } from './host/capabilities/password.ts'
export { type PasswordHash, readPasswordHash } from './host/capabilities/password-hash.ts'
export { PluginCounters } from './host/plugins/plugin-counters.ts'
export { numberOf } from './host/questions/question.ts'
export type { Bundle } from './bundle/bundle-format.ts'
export { bundleText, parseBundle } from './bundle/bundle-file.ts'
export type { CapabilityName, CapabilityRequest, Manifest } from './manifest/manifest.ts'
export { hooksOf } from './host/plugins/hooks-of.ts'
export { unclaimedOptions } from './host/plugins/unclaimed-options.ts'
export { createPluginHost } from './host/plugin-host.ts'
export type {
  CheckedPatch,
  CheckedVerdict,
  SingleVerdict,
  TransformVerdict,
  WillVerdict,
} from './host/questions/checked-verdict.ts'
export type {
  DirectoryEntry,
  DirectoryPort,
  QueryPort,
  QueryRow,
  SourceFailure,
  SourceParameters,
  SourceValue,
} from './host/source-ports.ts'
export { type RuntimeVersions, runtimeVersions } from './host/runtime-versions.ts'
export { DEFAULT_LIMITS, LIMITS_MOST, type SandboxLimits } from './limits.ts'
export { foldOption, ownOptions } from './manifest/own-options.ts'
export { secretPaths } from './manifest/secret-paths.ts'
export { OUTCOMES, type Outcome } from './outcome.ts'
export type { BrokerConfig as BrokerConfigView } from './sdk/broker-config.ts'
export { ASKERS, type AskerName, type HookName, TELLERS, type TellerName } from './sdk/hooks.ts'
