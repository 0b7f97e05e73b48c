import { TestKv } from '../../sandbox/test-kv.ts'
import { kvContract } from '../contract/kv-contract.ts'

kvContract('test kit', () => new TestKv())
