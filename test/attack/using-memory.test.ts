import { attackGroup } from '../support/attack-group.ts'

await attackGroup('plugins that hoard', ['memory'])
