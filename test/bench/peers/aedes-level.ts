/**
 * The peer aedes with its LevelDB persistence, on 127.0.0.1, the port and the folder that it is given. It
 * does not wait for the disk: what it acknowledges is lost with the power, as with `durability: os`. The
 * packages are not this one's own: `npm install --no-save aedes-persistence-level level`.
 */
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

const require = createRequire(import.meta.url)
const { Level } = require('level') as { Level: new (folder: string, options: object) => object }
const Persistence = require('aedes-persistence-level/asyncPersistence.js') as new (level: object) => object

const level = new Level(process.argv[3] ?? '', { valueEncoding: 'binary' })
const broker = await Aedes.createBroker({ persistence: new Persistence(level) })
createServer(broker.handle).listen(Number(process.argv[2]), '127.0.0.1')
