/** What somebody may do who is let in. A tenant's roles are for that tenant alone. */
export const ROLES = ['tenant-viewer', 'tenant-deployer', 'tenant-admin', 'operator'] as const

export type Role = (typeof ROLES)[number]

/** Whether whoever has a role may do what another one may: each may what those before it may. */
export function covers(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
