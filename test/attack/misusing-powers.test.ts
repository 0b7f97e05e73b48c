import { attackGroup } from '../support/attack-group.ts'

await attackGroup('plugins that misuse what they were granted, or reach for other tenants', [
  'capability',
  'cross-tenant',
])
