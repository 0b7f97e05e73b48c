/**
 * The registry of operational errors: every code that a user can meet, with what it means and what to do.
 * The README's table is generated from nothing but this, and a test keeps the two alike.
 */
export const ERRORS = {
  ERR_CONFIG_READ: 'The config file cannot be read. Check the path and its permissions.',
  ERR_CONFIG_SYNTAX: 'The config file is not valid YAML. The message names the line and column.',
  ERR_CONFIG_INVALID:
    'The config has an unknown key, a wrong type or a wrong value. The message names each place.',
  ERR_LISTEN: 'A listener cannot be bound. Is another broker running on that address?',
  ERR_TLS: 'A certificate, key or list of a TLS listener cannot be used. The message names the file.',
  ERR_PLUGIN_NOT_FOUND: 'A plugin named in the config is not there. Paths are relative to the config file.',
  ERR_PLUGIN_BUILD: 'A plugin does not build. The message has the file, line and column.',
  ERR_PLUGIN_MANIFEST: "A plugin's manifest is not valid, or code and plugin.yaml disagree.",
  ERR_PLUGIN_CONFIG: "A plugin's options do not fit the config schema of its manifest.",
  ERR_PLUGIN_CAPABILITY: 'A plugin asks for a capability that its tenant does not allow.',
  ERR_PLUGIN_LOAD: 'A plugin does not activate: it throws, loops or hoards while it loads.',
  ERR_PLUGIN_UPLOAD: 'An upload is no plugin that can be taken. The message says what of it, and why.',
  ERR_PLUGIN_SIGNATURE:
    'A plugin is not signed by a key that its tenant trusts, or the signature is not of these bytes.',
  ERR_PLUGIN_VERSION: 'There is no such version of a plugin, it still serves, or there are too many of them.',
  ERR_DEPLOYMENT: 'A plugin cannot be deployed, promoted or rolled back as things stand with it.',
  ERR_JAIL: 'The jail cannot be built as the config demands. `sandbox.jail: auto` uses what the machine has.',
  ERR_CELL: 'A cell process cannot be started.',
  ERR_STORE:
    'The data folder cannot be used. Does another broker use it, is the disk full or read-only, is it newer?',
  ERR_CONTROL:
    'The control socket cannot be opened, or no broker answers there. `controlSocket` names its path.',
  ERR_TOKEN:
    'A token of the admin API cannot be made so: its name, its time, its role, or how many there are.',
  ERR_CREDENTIAL: 'A user or an access rule cannot be so, or there are too many of them.',
  ERR_CONFLICT:
    'What is to be changed is not as it was thought to be, or belongs to the config. Look at it anew.',
  ERR_UNKNOWN: 'There is no such tenant, plugin or version.',
  ERR_ADMIN:
    'The admin API cannot be asked: nobody answers there, or there is no token. `bulkhead login` keeps one.',
  ERR_STOPPED: 'The broker was told to stop before it had started.',
  ERR_CLIENT: 'The MQTT client cannot connect, or was refused.',
  ERR_USAGE: 'The command line is not understood. `--help` shows the options.',
} as const

/** A code of the registry. */
export type ErrorCode = keyof typeof ERRORS

/** An operational error: what happened, where, and what to do about it. Its code is in {@link ERRORS}. */
export class BulkheadError extends Error {
  readonly code: ErrorCode

  /** @param message what happened and where; the registry says what to do. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BulkheadError'
    this.code = code
  }
}

/** A message for any thrown value; a thrown non-error is named as such. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `a thrown ${typeof thrown}: ${String(thrown)}`
}
