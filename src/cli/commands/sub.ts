import { Command } from 'commander'
import type { IClientSubscribeOptions, MqttClient } from 'mqtt'
import { BulkheadError } from '../../base/errors.ts'
import { type ClientConnection, openConnection } from '../client-connection.ts'
import {
  addClientFlags,
  type ClientFlags,
  type ClientTarget,
  clientTarget,
  numberWithin,
} from '../client-flags.ts'
import { EXIT } from '../exit-codes.ts'
import { MessagePrinter, type PrintFlags } from '../message-printer.ts'
import { printError } from '../print-error.ts'
import { refusalText } from '../refusal.ts'

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
    const opening = openConnection(target, {
      debug: flags.debug === true,
      onMessage: (topic, payload, packet) => printer.print(topic, payload, packet),
      reconnectMs: RECONNECT_MS,
    })
    // before there is a connection, there is nothing to end well
    const connection = await Promise.race([opening, ended.promise])
    if (typeof connection === 'number') process.exit(connection)
    const ending = Promise.race([ended.promise, connection.lost])
    process.exitCode = (await subscribeAll(connection, filters, flags, target)) ? await ending : EXIT.error
    await connection.end()
  } finally {
    clearTimeout(timer)
  }
}

/** Subscribes to all filters in one packet, says which of them are refused, and returns whether any was granted. */
async function subscribeAll(
  { client, lost }: ClientConnection,
  filters: readonly string[],
  flags: SubFlags,
  target: ClientTarget,
): Promise<boolean> {
  const properties = flags.protocolVersion === 5 ? target.properties.subscribe : undefined
  const options: IClientSubscribeOptions = { qos: flags.qos, ...(properties !== undefined && { properties }) }
  const { granted, reason } = await Promise.race([suback(client, filters, options), lost])
  for (const [index, filter] of filters.entries()) {
    const code = granted[index] ?? REFUSED
    if (code < REFUSED || flags.quiet) continue
    printError(
      new BulkheadError('ERR_CLIENT', `Subscription to ${filter} refused: ${refusalText(code, reason)}`),
    )
  }
  if (flags.unsubscribe !== undefined) await Promise.race([client.unsubscribeAsync(flags.unsubscribe), lost])
  return granted.some((code) => code < REFUSED)
}

interface Suback {
  /** One code a filter, in the order of the SUBSCRIBE. */
  readonly granted: readonly number[]
  readonly reason: string | undefined
}

/** The SUBACK itself: the library's own callback forgets which filter was refused, and why. */
function suback(
  client: MqttClient,
  filters: readonly string[],
  options: IClientSubscribeOptions,
): Promise<Suback> {
  return new Promise((resolve, reject) => {
    client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'suback') return
      resolve({ granted: packet.granted.map(Number), reason: packet.properties?.reasonString })
    })
    client.subscribe([...filters], options, (error) => {
      if (error && !client.connected) reject(new BulkheadError('ERR_CLIENT', error.message))
    })
  })
}

function collect(word: string, before: string[] | undefined): string[] {
  return [...(before ?? []), word]
}
