import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import { type ClientConnection, openConnection } from '../../client/connection.ts'
import { refusalText } from '../../client/refusal.ts'
import { addClientFlags, type ClientFlags, type ClientTarget, clientTarget } from '../client-flags.ts'
import { EXIT } from '../exit-codes.ts'
import { numberWithin } from '../flag-values.ts'
import { MessagePrinter, type PrintFlags } from '../message-printer.ts'
import { printError, printTrace } from '../print.ts'

type SubFlags = ClientFlags &
  PrintFlags & {
    readonly topic?: string[]
    readonly unsubscribe?: string[]
    readonly wait?: number
  }

/** A lost connection is tried again this often. */
const RECONNECT_MS = 1000
/** From here on, a code of a SUBACK refuses. */
const REFUSED = 0x80

/** `bulkhead sub`: mosquitto_sub's flags and ways. */
export function subCommand(name: string): Command {
  return addClientFlags(new Command(name).description('Print messages, with the flags of mosquitto_sub.'))
    .option('-t, --topic <filter>', 'a topic filter; may come again', collect)
    .option('-U, --unsubscribe <filter>', 'a topic filter to unsubscribe from; may come again', collect)
    .option('-v, --verbose', 'print the topic before the payload')
    .option('-C, --count <messages>', 'end after so many messages', numberWithin(1, Number.MAX_SAFE_INTEGER))
    .option('-W, --wait <seconds>', 'end after so long, with exit code 27', numberWithin(1, 2_000_000))
    .option('-R, --no-stale', 'do not print retained messages from before')
    .option('-N, --no-eol', 'no line break after a message')
    .action(async (flags: SubFlags) => subscribe(flags))
}

async function subscribe(flags: SubFlags): Promise<void> {
  const target = clientTarget(flags)
  const filters = flags.topic ?? (target.topic === undefined ? [] : [target.topic])
  if (filters.length === 0) throw new BulkheadError('ERR_USAGE', 'the topic is missing: -t')
  const ended = Promise.withResolvers<number>()
  const timer =
    flags.wait === undefined ? undefined : setTimeout(ended.resolve, flags.wait * 1000, EXIT.timedOut)
  process.once('SIGINT', () => ended.resolve(EXIT.interrupted))
  const printer = new MessagePrinter(flags, process.stdout, () => ended.resolve(EXIT.ok))
  try {
    const opening = openConnection(target.options, {
      address: target.address,
      onMessage: (topic, payload, retain) => printer.print(topic, payload, retain),
      reconnectMs: RECONNECT_MS,
      ...(flags.debug && { onTrace: printTrace }),
    })
    const connection = await Promise.race([opening, ended.promise])
    // before there is a connection, there is nothing to end well
    if (typeof connection === 'number') process.exit(connection)
    const ending = Promise.race([ended.promise, connection.lost])
    const granted = await Promise.race([subscribeAll(connection, filters, flags, target), connection.lost])
    process.exitCode = granted ? await ending : EXIT.error
    await connection.end(target.properties.disconnect)
  } finally {
    clearTimeout(timer)
  }
}

/** Subscribes, says which filters are refused, and returns whether any was granted. */
async function subscribeAll(
  connection: ClientConnection,
  filters: readonly string[],
  flags: SubFlags,
  target: ClientTarget,
): Promise<boolean> {
  const properties = flags.protocolVersion === 5 ? target.properties.subscribe : undefined
  const { codes, reason } = await connection.subscribe(filters, {
    qos: flags.qos,
    ...(properties !== undefined && { properties }),
  })
  for (const [index, filter] of filters.entries()) {
    const code = codes[index] ?? REFUSED
    if (code < REFUSED || flags.quiet) continue
    const refusal = `Subscription to ${filter} refused: ${refusalText(code, reason)}`
    printError(new BulkheadError('ERR_CLIENT', refusal))
  }
  if (flags.unsubscribe !== undefined) await connection.unsubscribe(flags.unsubscribe)
  return codes.some((code) => code < REFUSED)
}

function collect(word: string, before: string[] | undefined): string[] {
  return [...(before ?? []), word]
}
