import { isatty } from 'node:tty'
import { Command, Option } from 'commander'
import { createColors } from 'picocolors'
import { BulkheadError } from '../../base/errors.ts'
import type { Decision, Explanation } from '../../index.ts'
import { askControl, type ControlPlace } from '../ask-control.ts'
import { decisionLines, explanationLines } from '../explain-lines.ts'
import { EXIT } from '../exit-codes.ts'

interface Options extends ControlPlace {
  readonly tenant: string
  readonly client?: string
  readonly action?: string
  readonly topic?: string
  readonly qos: string
  readonly retain?: true
  readonly json?: true
}

const STDOUT = 1

/** `bulkhead explain`: who of the plugins says what, and what the client is told. */
export function explainCommand(name: string): Command {
  return new Command(name)
    .description(
      'Ask the running broker why a client may, or may not, do something: now, or by the id of a refusal.',
    )
    .argument('[id]', 'the `decision` of a line of the log')
    .option('--tenant <name>', 'the tenant', 'default')
    .option('--client <id>', 'the client identifier')
    .addOption(new Option('--action <action>', 'what it does').choices(['publish', 'subscribe', 'receive']))
    .option('--topic <topic>', 'the topic name; for subscribe the topic filter')
    .addOption(new Option('--qos <qos>', 'the QoS').choices(['0', '1', '2']).default('0'))
    .option('--retain', 'the message is to be retained')
    .option('--socket <path>', 'the control socket of the broker')
    .option('-c, --config <file>', 'the config, a YAML file that names the socket')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string | undefined, options: Options) => explain(id, options))
}

async function explain(id: string | undefined, options: Options): Promise<void> {
  const answer = await askControl(options, id === undefined ? explainTarget(options) : decisionTarget(id))
  const colors = createColors(isatty(STDOUT))
  if (options.json === true) print([JSON.stringify(answer, null, 2)])
  else if (id !== undefined) print(decisionLines(answer as Decision, colors))
  else print(explanationLines(answer as Explanation, colors))
  const allowed = id === undefined ? (answer as Explanation).now?.allowed : (answer as Decision).allowed
  if (allowed !== true) process.exitCode = EXIT.error
}

function explainTarget({ tenant, client, action, topic, qos, retain }: Options): string {
  if (client === undefined || action === undefined || topic === undefined) {
    throw new BulkheadError('ERR_USAGE', 'give --client, --action and --topic, or the id of a decision')
  }
  const query = new URLSearchParams({ tenant, client, action, topic, qos, retain: String(retain === true) })
  return `/v1/explain?${query.toString()}`
}

function decisionTarget(id: string): string {
  return `/v1/decisions/${encodeURIComponent(id)}`
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
