import type { TenantConfig } from './broker-config.ts'

/** What is asked in the clear, over a network, where passwords can be read on their way. */
export function exposedSources(tenants: readonly Pick<TenantConfig, 'sources'>[]): string[] {
  const databases = new Set(tenants.flatMap(({ sources }) => sources.databases))
  const directories = new Set(tenants.flatMap(({ sources }) => sources.directories))
  const open = [
    ...[...databases]
      .filter((each) => each.type === 'postgres' && each.tls === undefined && !isLocal(each.host))
      .map(({ name }) => `the database "${name}": its rows`),
    ...[...directories]
      .filter(({ url, startTls }) => url.startsWith('ldap:') && !startTls && !isLocal(new URL(url).hostname))
      .map(({ name }) => `the directory "${name}": passwords`),
  ]
  return open.map((what) => `${what} cross the network unencrypted`)
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^(127\.|\/)/.test(host)
}
