/** Which test files of a whole run share a process. */
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Where a process a file is needed: those measure the process that they run in, or all that it has started,
 * or take what there is of it. Folders end in a slash.
 */
export const ALONE: readonly string[] = [
  'test/attack/',
  'test/bench/',
  'test/fuzz/',
  'test/e2e/cell-kills.test.ts',
  'test/e2e/cold-tenants.test.ts',
  'test/e2e/slow-clients.test.ts',
  'test/sandbox/host/jail/launcher.test.ts',
  'test/sandbox/host/cells/resident-memory.test.ts',
  'test/sandbox/host/plugin-host.test.ts',
]
/**
 * Loading a broker takes longer than most files do, so that those of a room share it; a process of more would
 * be the last that ends.
 */
const MOST_FILES = 9

export function runsAlone(file: string): boolean {
  return ALONE.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place))
}

/**
 * Deals the files to processes: those of a room together, in equal parts where they are too many for one.
 * Most that run alone wait for clocks, and most others compute: they take turns.
 */
export function processesOf(files: readonly string[]): string[][] {
  const [alone, shared] = [files.filter(runsAlone), files.filter((file) => !runsAlone(file))]
  const rooms = [...Map.groupBy(shared, roomOf).values()].flatMap(inEqualParts)
  const turns = rooms.flatMap((files, turn) => [files, alone.slice(turn, turn + 1)])
  return [...turns, ...alone.slice(rooms.length).map((file) => [file])].filter(({ length }) => length > 0)
}

/** The examples are a room of a file a folder. */
function roomOf(file: string): string {
  return file.startsWith('plugins-examples/') ? 'plugins-examples' : dirname(file)
}

function inEqualParts(files: readonly string[]): string[][] {
  const parts = Math.ceil(files.length / MOST_FILES)
  return Array.from({ length: parts }, (_, part) => files.filter((_, place) => place % parts === part))
}

/** The program that runs these files one after the other. */
export function programOf(root: string, files: readonly string[]): string {
  const named = files.map((file) => ({ file, url: pathToFileURL(join(root, file)).href }))
  const runFiles = new URL('run-files.ts', import.meta.url).href
  return `import { runFiles } from ${JSON.stringify(runFiles)}\nrunFiles(${JSON.stringify(named)})\n`
}
