/** What the placeholders of a client's grants stand for. */
export interface GrantValues {
  readonly clientId: string
  readonly username: string | undefined
  readonly tenant: string
  readonly attributes: Readonly<Record<string, string>>
}

/** A filter's levels, filled in. */
export interface FilledFilter {
  readonly levels: readonly string[]
  /**
   * Places whose value is no literal level, so that it might mean any: `+` stands there. Mostly there are
   * none.
   */
  readonly unfilled: readonly number[]
}

const PLACEHOLDER = /\{(clientId|username|tenant|attr\.[^{}]*)\}/g
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const NOT_LITERAL = /[/+#\u0000-\u001f\u007f-\u009f]/

/**
 * Fills in `{clientId}`, `{username}`, `{tenant}` and `{attr.x}`. A client chooses what these are, so each
 * stays within its level and is nothing but text there: no separator, no wildcard, no `$` that would lead
 * into the broker's own topics. What is filled in is not looked at for placeholders again.
 */
export function fillFilter(filter: string, values: GrantValues): FilledFilter {
  const levels = filter.split('/')
  if (!filter.includes('{')) return { levels, unfilled: [] }
  const unfilled: number[] = []
  const filled = levels.map((level, place) => {
    let isLiteral = true
    const text = level.replace(PLACEHOLDER, (_, name: string) => {
      const value = valueOf(name, values)
      if (value === '' || value.startsWith('$') || NOT_LITERAL.test(value)) isLiteral = false
      return value
    })
    if (isLiteral) return text
    unfilled.push(place)
    return '+'
  })
  return { levels: filled, unfilled }
}

/** '': there is none. */
function valueOf(name: string, { clientId, username, tenant, attributes }: GrantValues): string {
  switch (name) {
    case 'clientId':
      return clientId
    case 'username':
      return username ?? ''
    case 'tenant':
      return tenant
    default: {
      const attribute = name.slice('attr.'.length)
      return Object.hasOwn(attributes, attribute) ? (attributes[attribute] ?? '') : ''
    }
  }
}
