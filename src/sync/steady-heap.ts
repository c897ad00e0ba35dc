/**
 * Keeps the heap of a long sync at the size of a short one: its young half is not doubled, and the old half grows by a fifth at a time. Without it V8 keeps what a page
 * leaves behind (a megabyte of text and its tree) for later, and a million records take three times the memory of ten thousand, at the same speed; `npm run bench`
 * shows both. V8 reads the two flags whenever it sizes the heap, so they may be set while the process runs (v8/src/flags/flag-definitions.h).
 */
export function steadyHeap(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}
