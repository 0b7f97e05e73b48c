const SECRET_KEY = /(password|passphrase|secret|token|authorization|cookie)$/i

/** Whether a key names a secret by its last word: `password`, `apiToken`. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key)
}
