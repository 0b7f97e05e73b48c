/** Behind a tenant's name: no tenant's name has this character. */
const SHADOW = '@shadow'

/** Under which name plugins of a tenant run that are tried: what they do is not the tenant's doing. */
export function shadowName(tenant: string): string {
  return `${tenant}${SHADOW}`
}

export function isShadow(name: string): boolean {
  return name.endsWith(SHADOW)
}

/** The tenant itself: what is looked at is its own. */
export function tenantBehind(name: string): string {
  return isShadow(name) ? name.slice(0, -SHADOW.length) : name
}
