import { Command } from 'commander'
import type { IClientPublishOptions, MqttClient } from 'mqtt'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { openConnection } from '../client-connection.ts'
import {
  addClientFlags,
  type ClientFlags,
  type ClientTarget,
  clientTarget,
  numberWithin,
} from '../client-flags.ts'
import { EXIT } from '../exit-codes.ts'
import { type MessageFlags, messagesToPublish } from '../messages-to-publish.ts'
import { printError } from '../print-error.ts'
import { refusalText } from '../refusal.ts'

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
  const target = clientTarget(flags)
  const topic = flags.topic ?? target.topic
  if (topic === undefined) throw new BulkheadError('ERR_USAGE', 'the topic is missing: -t')
  if (/[+#]/.test(topic)) throw new BulkheadError('ERR_USAGE', 'a topic to publish to has no wildcards')
  const payloads = messagesToPublish(flags, process.stdin)
  const connection = await openConnection(target, { debug: flags.debug === true })
  process.once('SIGINT', () => process.exit(EXIT.interrupted))
  let refused = false
  const onRefusal = (refusal: BulkheadError): void => {
    refused = true
    if (!flags.quiet) printError(refusal)
  }
  const sending = sendAll(connection.client, topic, payloads, publishOptions(flags, target), onRefusal)
  await Promise.race([sending, connection.lost])
  if (refused) process.exitCode = EXIT.error
  await connection.end()
}

function publishOptions(flags: PubFlags, target: ClientTarget): IClientPublishOptions {
  const properties = flags.protocolVersion === 5 ? target.properties.publish : undefined
  return { qos: flags.qos, retain: flags.retain === true, ...(properties !== undefined && { properties }) }
}

/** Publishes everything, and waits until all of it was written, or with QoS 1 and 2 acknowledged. */
async function sendAll(
  client: MqttClient,
  topic: string,
  payloads: AsyncIterable<Buffer>,
  options: IClientPublishOptions,
  onRefusal: (refusal: BulkheadError) => void,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for await (const payload of payloads) {
    const sent = send(client, topic, payload, options)
      .catch((error: unknown) =>
        onRefusal(new BulkheadError('ERR_CLIENT', messageOf(error), { cause: error })),
      )
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

/** Rejects with the broker's reason when it refuses the message, which it can say since MQTT 5, and of QoS 1 and 2. */
function send(
  client: MqttClient,
  topic: string,
  payload: Buffer,
  options: IClientPublishOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.publish(topic, payload, options, (error, packet) => {
      if (!error) return resolve()
      const code = 'code' in error ? Number(error.code) : Number.NaN
      const answered = packet?.cmd === 'puback' || packet?.cmd === 'pubrec'
      const reason = answered ? packet.properties?.reasonString : undefined
      reject(
        Number.isNaN(code) ? error : new Error(`Publish to ${topic} refused: ${refusalText(code, reason)}`),
      )
    })
  })
}
