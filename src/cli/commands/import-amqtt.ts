import { Command } from 'commander'
import { importAmqtt } from '../../config/amqtt/import-amqtt.ts'
import { ConfigProblems } from '../../config/config-problems.ts'
import { parseYaml } from '../../config/parse-yaml.ts'
import { textOfConfig } from '../../config/read-source.ts'
import { printable } from '../../observe/printable.ts'

/** `bulkhead import-amqtt`: what somebody's aMQTT config is here. */
export function importAmqttCommand(name: string): Command {
  return new Command(name)
    .description("Translate an aMQTT broker's config: ours on stdout, what differs on stderr.")
    .argument('<file>', 'the aMQTT config, a YAML file of either form')
    .action(async (file: string) => importFile(file))
}

async function importFile(file: string): Promise<void> {
  const problems = new ConfigProblems()
  // PyYAML reads YAML 1.1, in which `on` and `yes` are true
  const tree = parseYaml(await textOfConfig(file), file, problems, '1.1')
  problems.throwIfAny()
  const { yaml, notes } = importAmqtt(tree)
  for (const note of notes) process.stderr.write(`${printable(note)}\n`)
  process.stdout.write(yaml)
}
