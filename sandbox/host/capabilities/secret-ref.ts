import { SECRET_PREFIX_CHARS } from '../../limits.ts'
import { type Field, isObject, object, text } from '../fields.ts'
import { Refusal } from './power.ts'

/** A secret of the operator's by its name, as the guest sends it. */
export interface SecretName {
  readonly secret: string
  readonly prefix?: string
}

const NAME_BYTES = 64

/** Reads a {@link SecretName}. */
export const secretName: Field = object({ secret: text(NAME_BYTES, 1), prefix: text(SECRET_PREFIX_CHARS) }, [
  'secret',
])

/** Whether a checked value is the name of a secret, and not text. */
export function isSecretName(value: unknown): value is SecretName {
  return isObject(value) && typeof value['secret'] === 'string'
}

/**
 * The secret with what goes in front.
 *
 * @throws Refusal `unavailable`, with the name that was asked for.
 */
export function fillSecret(
  { secret, prefix = '' }: SecretName,
  secrets: Readonly<Record<string, string>>,
): string {
  const value = Object.hasOwn(secrets, secret) ? secrets[secret] : undefined
  if (value === undefined) {
    const name = JSON.stringify(secret)
    throw new Refusal(
      'unavailable',
      `no secret ${name}: the plugin's \`secrets\` in the broker's config has none`,
    )
  }
  return prefix + value
}
