import { attackGroup } from '../support/attack-group.ts'

await attackGroup('plugins that do not come to an end', ['cpu', 'time'])
