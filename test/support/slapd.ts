import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { TestAuthority } from './certificates.ts'

const SLAPD = '/usr/sbin/slapd'

/** Why tests with OpenLDAP's server are skipped here, or false. */
export const NO_SLAPD: string | false =
  existsSync(SLAPD) && existsSync('/etc/ldap/schema/inetorgperson.schema') ? false : 'slapd is not installed'

/** Who may search in the directories of tests. */
export const SEARCHER = { bindDn: 'cn=reader,dc=test', bindPassword: 'reading' } as const
export const BASE_DN = 'dc=test'

/** A directory server of the test's own. */
export interface DirectoryServer {
  readonly url: string
  /** The authority of its certificate, for StartTLS. */
  readonly caFile: string
  readonly stop: () => Promise<void>
}

/**
 * Starts slapd on a free port of the loopback with these entries, and a certificate for 127.0.0.1; it is gone
 * when the test file ends.
 */
export async function startSlapd(
  ldif: string,
  authority: TestAuthority = new TestAuthority(),
): Promise<DirectoryServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-ldap-'))
  mkdirSync(join(folder, 'data'))
  const config = join(folder, 'slapd.conf')
  const { key, cert } = authority.issue(['127.0.0.1'])
  for (const [name, text] of Object.entries({ 'ca.pem': authority.ca, 'key.pem': key, 'cert.pem': cert }))
    writeFileSync(join(folder, name), text)
  writeFileSync(config, configOf(folder))
  writeFileSync(join(folder, 'entries.ldif'), `${ROOT}${ldif}`)
  const loaded = spawnSync('/usr/sbin/slapadd', ['-f', config, '-l', join(folder, 'entries.ldif')], {
    encoding: 'utf8',
  })
  if (loaded.status !== 0) throw new Error(`slapadd: ${loaded.stderr}`)
  const port = await freePort()
  const url = `ldap://127.0.0.1:${port}`
  // in the foreground, so that it ends with its test
  const child = spawn(SLAPD, ['-f', config, '-h', url, '-d', '0'], { stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await listening(port, child)
  return { url, caFile: join(folder, 'ca.pem'), stop }
}

function configOf(folder: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`)
  const [attributes, syntax] = ['1.3.6.1.4.1.99999', '1.3.6.1.4.1.1466.115.121.1.15']
  const topics = ['publishACL', 'subscribeACL', 'receiveACL'].map(
    (name, place) =>
      `attributetype ( ${attributes}.${place} NAME '${name}' EQUALITY caseExactMatch SYNTAX ${syntax} )`,
  )
  return `${schemas.join('\n')}
${topics.join('\n')}
objectclass ( ${attributes}.9 NAME 'mqttClient' SUP top AUXILIARY
  MAY ( publishACL $ subscribeACL $ receiveACL ) )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/cert.pem
TLSCertificateKeyFile ${folder}/key.pem
database mdb
maxsize 10485760
suffix "${BASE_DN}"
directory ${folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${SEARCHER.bindDn}" read by anonymous auth by * none
`
}

const ROOT = `dn: ${BASE_DN}
objectClass: dcObject
objectClass: organization
dc: test
o: test

dn: ${SEARCHER.bindDn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${SEARCHER.bindPassword}

`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** It tells nobody when it is ready. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`slapd ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
