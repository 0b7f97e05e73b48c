import { enableCompileCache } from 'node:module'

enableCompileCache()
// loaded after the cache is on, so that everything else comes from it
const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2))
