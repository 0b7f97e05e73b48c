import { isatty } from 'node:tty'
import { Command } from 'commander'
import { Arena, type Result } from '../attack/arena.ts'
import { type Attack, loadCorpus, selectAttacks } from '../attack/corpus.ts'
import { attackLines, HEADING, resultJson, summaryLines } from '../attack/report.ts'
import { EXIT } from '../exit-codes.ts'

const STDOUT = 1

interface AttackFlags {
  readonly only?: readonly string[]
  readonly json?: true
}

/** `bulkhead attack`: what the sandbox promises, tried on the operator's own machine. */
export function attackCommand(name: string): Command {
  return new Command(name)
    .description('Run hostile plugins against a broker on this machine, and say how each of them ended.')
    .option('--only <ids>', 'only these, as in C04,M03', listOf)
    .option('--json', 'a line of JSON for each attack')
    .action(async (flags: AttackFlags) => attack(flags))
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((id) => id.trim().toUpperCase())
}

async function attack({ only, json }: AttackFlags): Promise<void> {
  const corpus = await loadCorpus()
  const attacks = only === undefined ? corpus : selectAttacks(corpus, only)
  const colored = isatty(STDOUT)
  const results: Result[] = []
  const left: string[] = []
  if (!json) print([...introduction(attacks), '', HEADING])
  for (const group of byClass(attacks)) {
    const arena = await Arena.open(group)
    for (const each of group) {
      const result = await arena.run(each)
      results.push(result)
      print(json ? [JSON.stringify(resultJson(result))] : attackLines(result, colored))
    }
    left.push(...(await arena.close()))
  }
  if (!json) print(['', ...summaryLines(results, left, colored)])
  else if (left.length > 0) print([JSON.stringify({ left })])
  if (left.length > 0 || results.some(({ complaints }) => complaints.length > 0))
    process.exitCode = EXIT.error
}

function introduction(attacks: readonly Attack[]): readonly string[] {
  return [
    `${attacks.length} hostile plugins, each in its own tenant of a real broker with default limits,`,
    'while a neighbour publishes all the time. Each takes about a second.',
  ]
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** One broker for each class: what it leaves behind shows early, and no run has a hundred cells. */
function byClass(attacks: readonly Attack[]): readonly (readonly Attack[])[] {
  return [...Map.groupBy(attacks, (each) => each.class).values()]
}
