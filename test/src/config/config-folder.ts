import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { BulkheadError } from '../../../src/base/errors.ts'
import type { TenantConfig } from '../../../src/config/broker-config.ts'
import { type LoadedConfig, loadConfig } from '../../../src/config/load-config.ts'

/** A folder with configs and the folders of plugins, gone when the file's tests are over. */
export class ConfigFolder {
  readonly path: string = realpathSync(mkdtempSync(path.join(tmpdir(), 'bulkhead-config-')))

  constructor(...plugins: readonly string[]) {
    for (const plugin of plugins) mkdirSync(path.join(this.path, plugin), { recursive: true })
    after(() => rmSync(this.path, { recursive: true }))
  }

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const file = path.join(this.path, name)
    writeFileSync(file, text)
    return file
  }

  load(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
    return loadConfig(this.write('broker.yaml', yaml), env)
  }

  /** The one tenant of a config. */
  async tenant(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<TenantConfig> {
    const { tenants } = (await this.load(yaml, env)).config
    const [tenant] = tenants
    assert.ok(tenant !== undefined && tenants.length === 1)
    return tenant
  }

  /** The lines of a refusal, without the folder. */
  async mistakes(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
    const refusal = await this.load(yaml, env).then(() => undefined, asRefusal)
    assert.ok(refusal !== undefined, 'the config was accepted')
    return refusal.message.replaceAll(`${this.path}/`, '').split('\n')
  }
}

function asRefusal(error: unknown): BulkheadError {
  assert.ok(error instanceof BulkheadError, String(error))
  return error
}
