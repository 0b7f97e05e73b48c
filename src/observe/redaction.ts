import { REDACTED_LEAST_CHARS } from '../base/limits.ts'
import { printable } from './printable.ts'

/** What must never be written. */
export interface Secret {
  /** Whose it is; '': the operator's. */
  readonly tenant: string
  readonly value: string
}

/** What a line says. */
interface Words {
  readonly fields: object
  readonly text: string
}

/** What stands in its place. */
export const REDACTED = '[secret]'

/**
 * Takes out of log lines what is secret, wherever it got in: in an error of a database, in what a plugin was
 * answered and wrote down. A secret of a few characters is not looked for: every line would have it.
 */
export class Redaction {
  /** As each may stand in a line, the longest first: one may be part of another. */
  #all: readonly string[] = []
  #byTenant: ReadonlyMap<string, readonly string[]> = new Map()
  #operators: readonly string[] = []

  constructor(secrets: Iterable<Secret>) {
    this.become(secrets)
  }

  /** These are the secrets from now on, and no others. */
  become(secrets: Iterable<Secret>): void {
    const known = [...secrets].filter(({ value }) => value.length >= REDACTED_LEAST_CHARS)
    const operators = known.filter(({ tenant }) => tenant === '')
    const tenants = Map.groupBy(
      known.filter(({ tenant }) => tenant !== ''),
      ({ tenant }) => tenant,
    )
    this.#all = formsOf(known)
    this.#byTenant = new Map(
      Array.from(tenants, ([tenant, own]) => [tenant, formsOf([...operators, ...own])] as const),
    )
    this.#operators = formsOf(operators)
  }

  /** @param tenant whose line it is; '': nobody's, which may be about anybody. */
  line(tenant: string, { fields, text }: Words): Words {
    const forms = tenant === '' ? this.#all : (this.#byTenant.get(tenant) ?? this.#operators)
    if (forms.length === 0) return { fields, text }
    return { fields: redacted(forms, fields) as object, text: redactedText(forms, text) }
  }
}

/** Strangers' texts are made printable before they come here, and what lies deep in plugins' fields JSON. */
function formsOf(secrets: readonly Secret[]): readonly string[] {
  const written = secrets.flatMap(({ value }) => [value, JSON.stringify(value).slice(1, -1)])
  const forms = written.flatMap((form) => [form, printable(form, form.length)])
  return [...new Set(forms)].toSorted((one, other) => other.length - one.length)
}

function redacted(forms: readonly string[], value: unknown): unknown {
  if (typeof value === 'string') return redactedText(forms, value)
  if (typeof value === 'number') return forms.includes(String(value)) ? REDACTED : value
  if (Array.isArray(value)) return value.map((item) => redacted(forms, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [redactedText(forms, key), redacted(forms, each)]),
  )
}

function redactedText(forms: readonly string[], text: string): string {
  return forms.reduce((shown, form) => shown.replaceAll(form, REDACTED), text)
}
