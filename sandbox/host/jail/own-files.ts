interface Report {
  readonly sharedObjects?: readonly string[]
}

/**
 * All files that a cell needs of the machine: Node, the libraries that this process has loaded for it, the
 * loader's list of places, and the addon. They are what the cell's own file system has.
 */
export function ownFiles(addon: string): readonly string[] {
  const { sharedObjects = [] } = process.report.getReport() as Report
  // the kernel's own is in the list by a name that is no path; the broker's addons are none of the cell's
  const libraries = sharedObjects.filter((path) => path.startsWith('/') && !path.endsWith('.node'))
  return [...new Set([process.execPath, ...libraries, '/etc/ld.so.cache', addon])]
}
