import { isSecretKey } from '../base/secret-key.ts'
import { isPlainMap } from './config-tree.ts'
import type { LoadedConfig } from './load-config.ts'
import { childPointer, type Pointer, pointerKeys } from './pointer.ts'
import { isFree, isPluginSecret } from './secrets.ts'

/** A secret of the config's. */
export interface SecretValue {
  /** Whose config it stands in; '': the operator's, or that of the only tenant. */
  readonly tenant: string
  readonly value: string
}

/** All values of a config that `config show` would mask, for whoever must not write them down. */
export function* secretValues({
  effective,
  secrets,
}: Pick<LoadedConfig, 'effective' | 'secrets'>): Generator<SecretValue> {
  function* visit(value: unknown, at: Pointer, isWithin: boolean): Generator<SecretValue> {
    const isSecret = isWithin || secrets.has(at) || isPluginSecret(at) || isNamedSecret(at)
    if (isSecret && (typeof value === 'string' || typeof value === 'number')) {
      yield { tenant: tenantOf(at), value: String(value) }
    }
    const entries = Array.isArray(value) ? value.entries() : isPlainMap(value) ? Object.entries(value) : []
    for (const [key, child] of entries) yield* visit(child, childPointer(at, String(key)), isSecret)
  }
  yield* visit(effective, '', false)
}

function isNamedSecret(at: Pointer): boolean {
  return isFree(at) && isSecretKey(pointerKeys(at).at(-1) ?? '')
}

function tenantOf(at: Pointer): string {
  const [room, name] = pointerKeys(at)
  return room === 'tenants' ? (name ?? '') : ''
}
