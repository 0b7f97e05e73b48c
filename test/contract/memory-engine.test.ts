import { engineContract } from './engine-contract.ts'
import { newMemoryEngine } from '../support/memory-engine.ts'

engineContract('memory engine', newMemoryEngine)
