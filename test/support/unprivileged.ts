/** `nobody` almost everywhere. */
export const NOBODY = 65534;

/** Runs `work` as somebody whom modes keep out: root passes them all. What it does behind its first wait, it does as the user of the tests again. */
export function unprivileged<T>(work: () => T): T {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(NOBODY);
  try {
    return work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
