import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import vm from 'node:vm'
import {
  buildBundle,
  type BuildOptions,
  type BuiltCode,
  readSources,
} from '../../sandbox/bundle/build-bundle.ts'
import type { ErrorCode } from '../../src/base/errors.ts'
import { pluginFolder } from './plugin-folder.ts'

type Files = Readonly<Record<string, string>>

/** Builds a plugin of these files. */
export async function build(t: TestContext, files: Files, options: BuildOptions = {}): Promise<BuiltCode> {
  return buildFolder(await pluginFolder(t, files), options)
}

export async function buildFolder(path: string, options: BuildOptions): Promise<BuiltCode> {
  return buildBundle(await readSources(path, options), options)
}

export async function refusesToBuild(
  t: TestContext,
  files: Files,
  message: RegExp,
  code: ErrorCode = 'ERR_PLUGIN_BUILD',
): Promise<void> {
  await assert.rejects(build(t, files), { code, message })
}

/** Runs a bundle without any wall: only for what a test wrote itself. */
export function evaluate({ code }: BuiltCode): Readonly<Record<string, unknown>> {
  return (vm.runInNewContext(`${code};__bulkhead_plugin`) as { default: Record<string, unknown> }).default
}
