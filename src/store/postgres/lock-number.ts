/** The number of 64 bits, as text, by which the server knows the advisory lock with this name. */
export function lockNumber(key: readonly string[]): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256')
    .update(['lwi', ...key].join('\0'))
    .digest()
    .readBigInt64BE(0)
    .toString();
}
