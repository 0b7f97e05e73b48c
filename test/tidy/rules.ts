import { ERRORS } from '../../src/base/errors.ts'
import { DEFAULT_LIMITS } from '../../sandbox/limits.ts'
import { configReference } from '../support/config-reference.ts'
import { errorTable, limitTable } from '../support/readme-tables.ts'
import type { House, HouseFile } from './house.ts'
import { functionsOf, hasCode } from './syntax.ts'

/** A rule of the house: says where it is broken, in words for the one who broke it. */
export interface Rule {
  readonly title: string
  check(house: House): string[]
}

/** The cell, and the text of the jail's probe: a cell that opens the addon and does nothing else. */
const OPENERS = new Set(['sandbox/cell/isolate.ts', 'sandbox/host/jail/probe-machine.ts'])

const FILE_LINES = 400
const FUNCTION_LINES = 70
const LINE_COLUMNS = 110

/** Tables and books of cases, which do not get clearer by being cut: each by name. */
const LONG_FILES: ReadonlySet<string> = new Set(['sandbox/limits.ts', 'src/base/limits.ts'])

/** Files with code whose test is elsewhere, each with the reason. */
const TESTED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['src/base/limits.ts', 'numbers only; what they bound is tested where it is'],
  ['src/base/errors.ts', "the registry is compared with the README's table"],
  ['src/index.ts', 'a door; test/e2e goes through it'],
  ['sandbox/outcome.ts', 'a list of words'],
  ['sandbox/index.ts', 'a door'],
])

const DOORS: ReadonlySet<string> = new Set(['src/index.ts', 'sandbox/index.ts', 'sandbox/sdk/index.ts'])

const TOP: ReadonlySet<string> = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'src',
  'sandbox',
  'plugins-examples',
  'test',
  'README.md',
  'LICENSE',
  'SECURITY.md',
  'CHANGELOG.md',
])

const VAGUE_WORDS: ReadonlySet<string> = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'manager',
  'common',
  'misc',
  'types',
])

/** A rule that looks at one line after the other. `applies` narrows it to some files. */
function lineRule(title: string, broken: RegExp, applies: (path: string) => boolean = () => true): Rule {
  return {
    title,
    check: ({ files }) =>
      files
        .filter(({ path }) => applies(path))
        .flatMap(({ path, text }) =>
          linesOf(text).flatMap((line, at) => (broken.test(line) ? [`${path}:${at + 1}`] : [])),
        ),
  }
}

/** A rule that looks at one file after the other; `check` says what is wrong with it, if anything. */
function fileRule(title: string, check: (file: HouseFile) => string[]): Rule {
  return {
    title,
    check: ({ files }) => files.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`)),
  }
}

export const RULES: readonly Rule[] = [
  fileRule(`a file has at most ${FILE_LINES} lines`, ({ path, text }) => {
    const lines = linesOf(text).length
    return lines > FILE_LINES && !LONG_FILES.has(path) ? [`${lines} lines`] : []
  }),
  fileRule(`a function has at most ${FUNCTION_LINES} lines`, ({ text }) =>
    functionsOf(text)
      .filter(({ lines }) => lines > FUNCTION_LINES)
      .map(({ firstLine, lines }) => `line ${firstLine}: ${lines} lines`),
  ),
  // a test's title states a rule in one line, and may take the columns that it needs
  lineRule(
    `a line has at most ${LINE_COLUMNS} columns`,
    new RegExp(`^(?!\\s*(test|describe|suite)\\().{${LINE_COLUMNS + 1}}`, 'u'),
  ),
  fileRule('a file name says what the file is about, in kebab case', ({ path }) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const words = name.split(/[-.]/)
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(name)) return ['not in kebab case']
    return words.filter((word) => VAGUE_WORDS.has(word)).map((word) => `"${word}" could be anything`)
  }),
  {
    title: 'every source file with code has its mirror test',
    check: ({ files }) => {
      const paths = new Set(files.map(({ path }) => path))
      return files
        .filter(({ path, text }) => isSource(path) && !TESTED_ELSEWHERE.has(path) && hasCode(text))
        .filter(({ path }) => !paths.has(`test/${path.replace(/\.ts$/, '.test.ts')}`))
        .map(({ path }) => path)
    },
  },
  fileRule('a folder has no index.ts, but for the doors', ({ path }) =>
    path.endsWith('/index.ts') && !DOORS.has(path) && !path.startsWith('plugins-examples/')
      ? ['not a door']
      : [],
  ),
  lineRule('nothing is re-exported wholesale', /^\s*export \*/),
  lineRule(
    'nothing prints past the log but the command line',
    /(?<![\w.'"`])console\.\w+\(/,
    (path) => isSource(path) && !path.startsWith('src/cli/'),
  ),
  lineRule(
    'nothing is left to be done later',
    new RegExp(`\\b(${['FIX', 'TO', 'XX'].join('|')})(ME|DO|X)\\b`),
  ),
  lineRule('no test runs alone', /\b(test|it|describe|suite)\.only\b|\bonly: true\b/),
  lineRule(
    'isolated-vm is loaded in one place',
    /^(?!import type).*(from|import\(|require\()\s*['"]isolated-vm['"]|\bdlopen\(/,
    (path) => !OPENERS.has(path) && isSource(path),
  ),
  lineRule(
    'esbuild is loaded where bundles are built',
    /^(?!import type).*(from|import\(|require\()\s*['"]esbuild['"]/,
    (path) => isSource(path) && !path.startsWith('sandbox/bundle/'),
  ),
  {
    title: "the README's table of errors is the registry",
    check: ({ readme }) =>
      readme.includes(errorTable(ERRORS)) ? [] : ['README.md: run node test/support/readme-tables.ts'],
  },
  {
    title: "SECURITY.md's table of limits is the limits file",
    check: ({ security }) =>
      security.includes(limitTable(DEFAULT_LIMITS))
        ? []
        : ['SECURITY.md: run node test/support/readme-tables.ts'],
  },
  {
    title: 'the README of the config is what its schemas say',
    check: (house) =>
      house.configReference === configReference()
        ? []
        : ['src/config/README.md: run node test/support/config-reference.ts'],
  },
  {
    title: 'the lock file names no registry',
    check: ({ lock }) => (/"resolved":|https?:\/\/[^"]*\.tgz/.test(lock) ? ['package-lock.json'] : []),
  },
  {
    title: 'the top level shows nothing but the rooms and what npm and people look for',
    check: ({ top }) => top.filter((name) => !TOP.has(name)),
  },
]

function isSource(path: string): boolean {
  return path.startsWith('src/') || path.startsWith('sandbox/')
}

/** The lines of a text; the end of the last line begins no further one. */
function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n')
}
