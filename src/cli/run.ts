import { Command, CommanderError } from 'commander'
import { BulkheadError } from '../base/errors.ts'
import { didYouMean } from '../base/nearest.ts'
import { VERSION } from '../base/version.ts'
import { EXIT } from './exit-codes.ts'
import { printError } from './print.ts'

interface CommandEntry {
  readonly summary: string
  /** Loaded only when it is called: `pub` needs no broker, and `start` no client. */
  readonly load: () => Promise<(name: string) => Command>
}

const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map(
  Object.entries({
    start: {
      summary: 'start a broker',
      load: async () => (await import('./commands/start.ts')).startCommand,
    },
    check: {
      summary: 'check a config and its plugins',
      load: async () => (await import('./commands/check.ts')).checkCommand,
    },
    doctor: {
      summary: 'examine the machine: what the jail has, and how a cell does',
      load: async () => (await import('./commands/doctor.ts')).doctorCommand,
    },
    explain: {
      summary: 'say why a client may, or may not, do something',
      load: async () => (await import('./commands/explain.ts')).explainCommand,
    },
    status: {
      summary: 'say how the running broker is',
      load: async () => (await import('./commands/status.ts')).statusCommand,
    },
    reload: {
      summary: 'have the running broker read its config anew',
      load: async () => (await import('./commands/reload.ts')).reloadCommand,
    },
    stop: {
      summary: 'stop the running broker',
      load: async () => (await import('./commands/stop.ts')).stopCommand,
    },
    backup: {
      summary: 'copy what a broker keeps into one file',
      load: async () => (await import('./commands/backup.ts')).backupCommand,
    },
    restore: {
      summary: 'put a backup in the place of what a broker keeps',
      load: async () => (await import('./commands/restore.ts')).restoreCommand,
    },
    store: {
      summary: 'examine what a broker keeps',
      load: async () => (await import('./commands/store.ts')).storeCommand,
    },
    config: {
      summary: "print the config's schema, or the effective config",
      load: async () => (await import('./commands/config.ts')).configCommand,
    },
    passwd: {
      summary: 'set or delete a password in a file of passwords',
      load: async () => (await import('./commands/passwd.ts')).passwdCommand,
    },
    'import-amqtt': {
      summary: "translate an aMQTT broker's config",
      load: async () => (await import('./commands/import-amqtt.ts')).importAmqttCommand,
    },
    pub: {
      summary: 'publish messages, with the flags of mosquitto_pub',
      load: async () => (await import('./commands/pub.ts')).pubCommand,
    },
    sub: {
      summary: 'print messages, with the flags of mosquitto_sub',
      load: async () => (await import('./commands/sub.ts')).subCommand,
    },
    login: {
      summary: 'keep a token of an admin API',
      load: async () => (await import('./commands/login.ts')).loginCommand,
    },
    whoami: {
      summary: 'say whose token is used',
      load: async () => (await import('./commands/whoami.ts')).whoamiCommand,
    },
    tenant: {
      summary: 'make, change and delete tenants',
      load: async () => (await import('./commands/tenant.ts')).tenantCommand,
    },
    token: {
      summary: 'make and revoke tokens',
      load: async () => (await import('./commands/token.ts')).tokenCommand,
    },
    user: {
      summary: 'manage users and access rules of a tenant',
      load: async () => (await import('./commands/user.ts')).userCommand,
    },
    clients: {
      summary: 'list and disconnect clients',
      load: async () => (await import('./commands/clients.ts')).clientsCommand,
    },
    audit: {
      summary: 'show who changed what',
      load: async () => (await import('./commands/audit.ts')).auditCommand,
    },
    attack: {
      summary: 'try what the sandbox promises with hostile plugins',
      load: async () => (await import('./commands/attack.ts')).attackCommand,
    },
    plugin: {
      summary: 'write, test, build and deploy plugins',
      load: async () => (await import('./commands/plugin.ts')).pluginCommand,
    },
  }),
)

/**
 * Runs one command line and returns its exit code: the one that the command put into `process.exitCode`, or
 * that of what went wrong, which is said on stderr.
 */
export async function run(words: readonly string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // a reader that has seen enough (`sub | head`) is no mistake of ours
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error)
  })
  try {
    const program = await programFor(words[0])
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? EXIT.ok)
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error)
    if (error.exitCode === 0) return EXIT.ok
    return printError(new BulkheadError('ERR_USAGE', usageMessage(error)))
  }
}

/** Commander's sentence; it has none for a command that lacks its subcommand. */
function usageMessage(error: CommanderError): string {
  if (error.code === 'commander.help') return 'a subcommand is missing; --help lists them'
  return error.message.replace(/^error: /, '').replaceAll('\n', ' ')
}

/** The program with the command that is meant; with all of them, by name alone, when its help is wanted. */
async function programFor(name: string | undefined): Promise<Command> {
  const program = new Command('bulkhead')
    .description('An MQTT broker whose decisions are made by plugins.')
    .version(VERSION, '--version', 'show the version')
  const entry = COMMANDS.get(name ?? '')
  if (entry === undefined) {
    if (!name?.startsWith('-')) throw unknownCommand(name)
    for (const [known, { summary }] of COMMANDS) program.addCommand(new Command(known).description(summary))
  } else {
    const create = await entry.load()
    program.addCommand(create(name ?? ''))
  }
  return quiet(program.helpCommand(false))
}

function unknownCommand(name: string | undefined): BulkheadError {
  const known = [...COMMANDS.keys()]
  const all = `; there are ${known.join(', ')}`
  if (name === undefined) return new BulkheadError('ERR_USAGE', `a command is missing${all}`)
  const hint = didYouMean(name, known) || all
  return new BulkheadError('ERR_USAGE', `unknown command ${JSON.stringify(name)}${hint}`)
}

/** `-h` is a host, as with mosquitto; what is wrong is said in one place, {@link run}, and ends nothing. */
function quiet(command: Command): Command {
  command.helpOption('--help', 'show this help').exitOverride()
  command.configureOutput({ outputError: () => undefined, writeErr: () => undefined })
  for (const child of command.commands) quiet(child)
  return command
}
