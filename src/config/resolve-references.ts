import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '../base/errors.ts'
import { SECRET_FILE_BYTES } from '../base/limits.ts'
import type { ConfigProblems } from './config-problems.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import { childPointer, type Pointer, parentPointer, pointerKeys } from './pointer.ts'
import { isFree, isPluginSecret, isSecretFileKey } from './secrets.ts'

/** `${NAME}`, and `$${` for a `${` that is meant as it stands. */
const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Where references lead: the environment, and the folder that paths are relative to. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly baseDir: string
}

/**
 * Puts what they refer to in place of `${NAME}` in texts, and the content of a file in place of a secret's
 * `…File` key. Returns the places that hold a secret now, so that nothing shows them.
 */
export function resolveReferences(
  tree: ConfigTree,
  around: Surroundings,
  problems: ConfigProblems,
): Set<Pointer> {
  const secrets = new Set<Pointer>()
  const visit = (value: unknown, at: Pointer): unknown => {
    if (typeof value === 'string') {
      const filled = fillVariables(value, around.env, (message) => problems.atValue(tree, at, message))
      if (filled !== value && isFree(at)) secrets.add(at)
      return filled
    }
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) value[index] = visit(item, childPointer(at, index))
    } else if (isPlainMap(value)) {
      for (const [key, child] of Object.entries(value)) {
        const place = childPointer(at, key)
        value[key] = visit(child, place)
        if (namesFile(tree, place)) secrets.add(readSecret(tree, value, key, place, around, problems))
      }
    }
    return value
  }
  visit(tree.root, '')
  return secrets
}

/** Whether a key is `…File` of a secret: in a plugin's `secrets` all are, else those that sound like it. */
function namesFile(tree: ConfigTree, place: Pointer): boolean {
  if (isSecretFileKey(place)) return true
  if (!/.File$/.test(place) || !isPluginSecret(place)) return false
  // a short form may have an option of that name, which is the plugin's own
  const plugin = pointerKeys(parentPointer(parentPointer(place))).reduce<unknown>(
    (around, key) =>
      Array.isArray(around) ? around[Number(key)] : isPlainMap(around) ? around[key] : undefined,
    tree.root,
  )
  return isPlainMap(plugin) && typeof plugin['use'] === 'string'
}

function fillVariables(text: string, env: NodeJS.ProcessEnv, refuse: (message: string) => void): string {
  return text.replaceAll(REFERENCE, (written: string, name: string | undefined) => {
    if (name === undefined) return '${'
    if (!VARIABLE.test(name)) refuse(`${written} names no environment variable; write $\${ for a plain \${`)
    else if (env[name] === undefined) refuse(`the environment variable ${name} is not set`)
    return env[name] ?? ''
  })
}

/** Replaces `tokenFile: PATH` by `token: CONTENT` in `map`, and returns the new key's place. */
function readSecret(
  tree: ConfigTree,
  map: Record<string, unknown>,
  fileKey: string,
  place: Pointer,
  around: Surroundings,
  problems: ConfigProblems,
): Pointer {
  const key = fileKey.slice(0, -'File'.length)
  const secretPlace = place.slice(0, -'File'.length)
  const written = map[fileKey]
  delete map[fileKey]
  if (typeof written !== 'string') {
    problems.atValue(tree, place, 'expected the path of a file')
  } else if (key in map) {
    problems.atKey(tree, place, `${JSON.stringify(key)} and ${JSON.stringify(fileKey)} are both given`)
  } else {
    map[key] = secretIn(path.resolve(around.baseDir, written), (message) =>
      problems.atValue(tree, place, message),
    )
    const [keyPlace, valuePlace] = [tree.keys.get(place), tree.values.get(place)]
    if (keyPlace !== undefined) tree.keys.set(secretPlace, keyPlace)
    if (valuePlace !== undefined) tree.values.set(secretPlace, valuePlace)
  }
  return secretPlace
}

/** A file's text without the line break that editors put at its end. */
function secretIn(file: string, refuse: (message: string) => void): string {
  try {
    if (statSync(file).size <= SECRET_FILE_BYTES) return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    refuse(`the file is larger than ${SECRET_FILE_BYTES} bytes: ${file}`)
  } catch (error) {
    refuse(`the secret's file cannot be read: ${messageOf(error)}`)
  }
  return ''
}
