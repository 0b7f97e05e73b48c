import { attackGroup } from '../support/attack-group.ts'

await attackGroup('plugins that forge, flood and pollute', ['flood', 'spoof', 'pollute'])
