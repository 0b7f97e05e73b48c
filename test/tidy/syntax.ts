import { Buffer } from 'node:buffer'
import { type Module, parseSync, transformSync } from '@swc/core'

const parser = { syntax: 'typescript' as const, target: 'esnext' as const }

/** A function of a file, by its place. */
export interface FunctionSpan {
  readonly firstLine: number
  readonly lines: number
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
])

/** Every function of a file, nested ones too. */
export function functionsOf(text: string): FunctionSpan[] {
  // the parser counts on from file to file and begins at the first token: one of ours shows where this file
  // begins
  const bytes = Buffer.from(`;${text.replace(/^#!/, '//')}`)
  const module = parseSync(bytes.toString(), parser)
  const spans: FunctionSpan[] = []
  collect(module, (start, end) => {
    const firstLine = lineOf(bytes, start - module.span.start)
    spans.push({ firstLine, lines: lineOf(bytes, end - module.span.start) - firstLine + 1 })
  })
  return spans
}

/** Whether anything is left of a file at run time: one with types only has nothing to test. */
export function hasCode(text: string): boolean {
  const { code } = transformSync(text, { jsc: { parser, target: 'esnext' }, minify: true })
  return code.trim().replace(/^export\{\};?$/, '') !== ''
}

function collect(node: unknown, found: (start: number, end: number) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, found)
  } else if (isNode(node)) {
    if (FUNCTIONS.has(node.type ?? '') && node.span !== undefined) found(node.span.start, node.span.end)
    for (const value of Object.values(node)) collect(value, found)
  }
}

function isNode(value: unknown): value is { type?: string; span?: Module['span'] } {
  return typeof value === 'object' && value !== null
}

function lineOf(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).toString().split('\n').length
}
