import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import type { ClientConnection } from '../../client/connection.ts'
import type { RetryPolicy } from '../../client/reconnect.ts'
import { refusalText } from '../../client/refusal.ts'
import { cliClient, withConnection } from '../cli-client.ts'
import { addClientFlags, type ClientFlags, type ClientTarget } from '../client-flags.ts'
import { EXIT } from '../exit-codes.ts'
import { numberWithin } from '../flag-values.ts'
import { MessagePrinter, type PrintFlags } from '../message-printer.ts'
import { parseFormat } from '../output-format.ts'
import { printError } from '../print.ts'

type SubFlags = ClientFlags &
  PrintFlags & {
    readonly topic?: string[]
    readonly unsubscribe?: string[]
    readonly wait?: number
    /** Only have the subscriptions. */
    readonly exitSubscribed?: true
  }

/** As with mosquitto, a connection that stood once is tried again every second, for ever. */
const RETRY: RetryPolicy = { retries: Number.POSITIVE_INFINITY, maxIntervalMs: 1000, fromStart: false }
/** From here on, a code of a SUBACK refuses. */
const REFUSED = 0x80

/** `bulkhead sub`: mosquitto_sub's flags and ways. */
export function subCommand(name: string): Command {
  return addClientFlags(new Command(name).description('Print messages, with the flags of mosquitto_sub.'))
    .option('-t, --topic <filter>', 'a topic filter; may come again', collect)
    .option('-U, --unsubscribe <filter>', 'a topic filter to unsubscribe from; may come again', collect)
    .option('-T, --filter-out <filter>', 'do not print what matches this filter; may come again', collect)
    .option(
      '-F, --format <format>',
      'what to print of a message, in the sequences of mosquitto_sub',
      parseFormat,
    )
    .option('-E, --exit-subscribed', 'end as soon as the broker has the subscriptions')
    .option('--retained-only', 'print retained messages from before, and end with the first other one')
    .option('-v, --verbose', 'print the topic before the payload')
    .option('-C, --count <messages>', 'end after so many messages', numberWithin(1, Number.MAX_SAFE_INTEGER))
    .option('-W, --wait <seconds>', 'end after so long, with exit code 27', numberWithin(1, 2_000_000))
    .option('-R, --no-stale', 'do not print retained messages from before')
    .option('-N, --no-eol', 'no line break after a message')
    .action(async (flags: SubFlags) => subscribe(flags))
}

async function subscribe(flags: SubFlags): Promise<void> {
  const client = await cliClient(flags)
  const { target, plan } = client
  const filters = flags.topic ?? (target.topic === undefined ? [] : [target.topic])
  if (filters.length === 0) throw new BulkheadError('ERR_USAGE', 'the topic is missing: -t')
  const ended = Promise.withResolvers<number>()
  let isConnected = false
  const end = (code: number): void => {
    // before there is a connection, there is nothing to end well
    if (!isConnected) process.exit(code)
    ended.resolve(code)
  }
  const timer = flags.wait === undefined ? undefined : setTimeout(end, flags.wait * 1000, EXIT.timedOut)
  process.once('SIGINT', () => end(EXIT.interrupted))
  const printer = new MessagePrinter(flags, process.stdout, () => ended.resolve(EXIT.ok))
  const work = async (connection: ClientConnection): Promise<void> => {
    isConnected = true
    const granted = await subscribeAll(connection, filters, flags, target)
    if (granted && flags.exitSubscribed) return
    process.exitCode = granted ? await ended.promise : EXIT.error
  }
  const onMessage = (...message: Parameters<MessagePrinter['print']>): void => print(printer, message, flags)
  const retry = plan === undefined ? RETRY : target.retry
  try {
    await withConnection(client, flags, { onMessage, retry }, work)
  } finally {
    clearTimeout(timer)
  }
}

/** What does not fit its format is said, and the next one may. */
function print(
  printer: MessagePrinter,
  message: Parameters<MessagePrinter['print']>,
  { quiet }: SubFlags,
): void {
  try {
    printer.print(...message)
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error
    if (!quiet) printError(error)
  }
}

/** Subscribes, says which filters are refused, and returns whether any was granted. */
async function subscribeAll(
  connection: ClientConnection,
  filters: readonly string[],
  flags: SubFlags,
  target: ClientTarget,
): Promise<boolean> {
  const properties = target.options.protocolVersion === 5 ? target.properties.subscribe : undefined
  const { codes, reason } = await connection.subscribe(filters, {
    qos: flags.qos ?? 0,
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
