import type { TenantState } from './start-lines.ts'

/** What of a tenant and its plugins the start lines tell. */
export interface DescribedTenant extends Pick<TenantState, 'name' | 'anonymous'> {
  /** Who decides, by action. */
  readonly hooks: Readonly<
    Record<'authenticate' | 'publish' | 'subscribe' | 'receive', readonly unknown[]>
  > & {
    /** The answer where nobody decides. */
    readonly byDefault: { readonly verdict: string }
    readonly plugins: readonly DescribedPlugin[]
  }
}

interface DescribedPlugin {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<string>
  readonly capabilities: object
}

/** @param unusable why a plugin could not be built or probed, by `tenant/plugin`. */
export function tenantState(tenant: DescribedTenant, unusable: ReadonlyMap<string, string>): TenantState {
  const { name, anonymous, hooks } = tenant
  return {
    name,
    anonymous,
    topicDefault: hooks.byDefault.verdict === 'allow' ? 'allow' : 'deny',
    authenticates: hooks.authenticate.length > 0,
    undecided: (['publish', 'subscribe', 'receive'] as const).filter((each) => hooks[each].length === 0),
    plugins: hooks.plugins.map((plugin) => ({
      name: plugin.name,
      version: plugin.version,
      hooks: plugin.hooks,
      powers: Object.keys(plugin.capabilities),
      unusable: unusable.get(`${name}/${plugin.name}`),
    })),
  }
}
