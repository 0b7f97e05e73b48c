import { attackGroup } from '../support/attack-group.ts'

await attackGroup('plugins that try to get out, or to read what is not theirs', ['escape', 'read'])
