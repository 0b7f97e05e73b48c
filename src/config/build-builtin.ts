import path from 'node:path'
import { BulkheadError } from '../base/errors.ts'
import { readAccessList } from './access-list.ts'
import type { BuiltinConfig } from './broker-config.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'
import { readPasswordFile } from './password-file.ts'
import type { Pointer } from './pointer.ts'

/** Where the files of a tenant's own voter are named, and whom to tell of mistakes. */
interface BuiltinSources {
  readonly tree: ConfigTree
  readonly baseDir: string
  readonly problems: ConfigProblems
}

/** Reads the files of passwords and access rules. Undefined: a tenant has neither. */
export function buildBuiltin(
  written: { readonly passwords?: string; readonly acl?: string },
  at: Pointer,
  { tree, baseDir, problems }: BuiltinSources,
): BuiltinConfig | undefined {
  if (written.passwords === undefined && written.acl === undefined) return undefined
  const read = <Content>(
    key: 'passwords' | 'acl',
    reader: (file: string) => Content,
  ): Content | undefined => {
    const file = written[key]
    if (file === undefined) return undefined
    try {
      return reader(path.resolve(baseDir, file))
    } catch (error) {
      if (!(error instanceof BulkheadError)) throw error
      problems.atValue(tree, `${at}/${key}`, error.message, error.code)
      return undefined
    }
  }
  return { passwords: read('passwords', readPasswordFile), acl: read('acl', readAccessList) }
}
