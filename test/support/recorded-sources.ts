import type { SourceObserver } from '../../src/sources/source.ts'

/** Hears what the operator would, as texts in their order. */
export function recordedSources(): { observer: SourceObserver; told: string[] } {
  const told: string[] = []
  const observer = {
    sourceFailed: (source: string, detail: string) => void told.push(`${source}: ${detail}`),
    sourceRecovered: (source: string) => void told.push(`${source} answers again`),
  }
  return { observer, told }
}
