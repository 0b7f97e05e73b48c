/** Shows a packet among the output, where mosquitto's clients show it too. */
export function printTrace(line: string): void {
  process.stdout.write(`${line}\n`)
}
