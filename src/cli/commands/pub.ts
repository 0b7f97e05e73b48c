import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import type { ClientConnection, PublishOptions } from '../../client/connection.ts'
import { publishOptions } from '../../client/client.ts'
import { type CliClient, cliClient, withConnection } from '../cli-client.ts'
import { addClientFlags, type ClientFlags } from '../client-flags.ts'
import { EXIT } from '../exit-codes.ts'
import { numberWithin } from '../flag-values.ts'
import { type MessageFlags, messagesToPublish } from '../messages-to-publish.ts'
import { printError } from '../print.ts'

/** Messages under way at a time, as with mosquitto_pub. */
const UNDER_WAY = 20

type PubFlags = ClientFlags & MessageFlags & { readonly topic?: string; readonly retain?: true }

/** `bulkhead pub`: mosquitto_pub's flags and ways. */
export function pubCommand(name: string): Command {
  return addClientFlags(new Command(name).description('Publish messages, with the flags of mosquitto_pub.'))
    .option('-t, --topic <topic>', 'the topic')
    .option('-m, --message <payload>', 'the payload')
    .option('-f, --file <file>', 'the payload is what is in a file')
    .option('-l, --stdin-line', 'a message a line of stdin')
    .option('-s, --stdin-file', 'the payload is all of stdin')
    .option('-n, --null-message', 'an empty payload')
    .option('-r, --retain', 'retain the message')
    .option('--repeat <times>', 'publish so often', numberWithin(1, 1_000_000_000), 1)
    .action(async (flags: PubFlags) => publish(flags))
}

async function publish(flags: PubFlags): Promise<void> {
  const client = await cliClient(flags)
  const topic = flags.topic ?? client.target.topic
  if (topic === undefined) throw new BulkheadError('ERR_USAGE', 'the topic is missing: -t')
  if (/[+#]/.test(topic)) throw new BulkheadError('ERR_USAGE', 'a topic to publish to has no wildcards')
  const payloads = messagesToPublish(flags, process.stdin)
  process.once('SIGINT', () => process.exit(EXIT.interrupted))
  const onRefusal = (refusal: unknown): void => {
    process.exitCode = EXIT.error
    if (!flags.quiet) printError(refusal)
  }
  const { retry } = client.target
  await withConnection(client, flags, { retry }, (connection) =>
    sendAll(connection, topic, payloads, messageOptions(flags, client, topic), onRefusal),
  )
}

function messageOptions(flags: PubFlags, { target, plan }: CliClient, topic: string): PublishOptions {
  const byDefault = plan && publishOptions(plan.publishing, topic)
  const properties = target.options.protocolVersion === 5 ? target.properties.publish : undefined
  return {
    qos: flags.qos ?? byDefault?.qos ?? 0,
    retain: flags.retain ?? byDefault?.retain ?? false,
    ...(properties !== undefined && { properties }),
  }
}

/** Publishes everything, a bounded number at a time, and waits for all of it. */
async function sendAll(
  connection: ClientConnection,
  topic: string,
  payloads: AsyncIterable<Buffer>,
  options: PublishOptions,
  onRefusal: (refusal: unknown) => void,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for await (const payload of payloads) {
    const sent = connection
      .publish(topic, payload, options)
      .catch(onRefusal)
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}
