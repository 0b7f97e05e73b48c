/**
 * Where a package is looked for, nearest first, and never above the plugin's folder:
 * `a/node_modules/b` wants `c`: a/node_modules/b/node_modules/c, a/node_modules/c, node_modules/c.
 */
export function packagePlaces(from: string, name: string): string[] {
  const places: string[] = []
  const parts = from === '' ? [] : from.split('/')
  for (let length = parts.length; length >= 0; length -= 1) {
    if (parts[length - 1] === 'node_modules') continue
    places.push([...parts.slice(0, length), 'node_modules', name].join('/'))
  }
  return places
}
