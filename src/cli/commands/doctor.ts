import { isatty } from 'node:tty'
import { Command } from 'commander'
import { createColors } from 'picocolors'
import { doctorLines } from '../doctor-lines.ts'
import { examine } from '../examine.ts'
import { EXIT } from '../exit-codes.ts'

const STDOUT = 1

/** `bulkhead doctor`: says what a broker would stand on, here and now. */
export function doctorCommand(name: string): Command {
  return new Command(name)
    .description(
      'Examine the machine: versions, the layers of the jail, a real cell; with a config, tenants.',
    )
    .option('-c, --config <file>', 'the config, a YAML file')
    .option('--json', 'print all findings as JSON')
    .action(async ({ config, json }: { config?: string; json?: true }) => doctor(config, json === true))
}

async function doctor(file: string | undefined, json: boolean): Promise<void> {
  const findings = await examine(file)
  const lines = json
    ? [JSON.stringify(findings, null, 2)]
    : doctorLines(findings, createColors(isatty(STDOUT)))
  process.stdout.write(`${lines.join('\n')}\n`)
  if (!findings.sound) process.exitCode = EXIT.error
}
