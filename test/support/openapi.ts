import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAdminApp } from '../../src/admin/admin-app.ts'
import type { AdminPorts } from '../../src/admin/admin-ports.ts'

/** The description of the admin API as it is checked in. Run this file to write it anew. */
export const OPENAPI: string = join(import.meta.dirname, '..', 'golden', 'openapi.json')

/** As the broker serves it; nobody needs to be behind the API for that. */
export async function openApiText(): Promise<string> {
  const app = await buildAdminApp({} as AdminPorts)
  const text = `${JSON.stringify(app.describe(), null, 2)}\n`
  await app.close()
  return text
}

if (import.meta.main) writeFileSync(OPENAPI, await openApiText())
