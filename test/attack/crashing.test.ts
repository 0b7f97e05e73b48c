import { attackGroup } from '../support/attack-group.ts'

await attackGroup('plugins that try to crash their host, or hang while they load', ['crash', 'upgrade'])
