import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** `lazy`: an `import()` in the source. */
const REQUIRED = /(?<lazy>=>)?require\(["'`]\.\/(?<file>[^"'`]+\.cjs)["'`]\)/g;

/** Chunks that each chunk of the present bundle loads at once; what a build before left behind is not reached. */
function loadedAtOnce(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    const all = [...readFileSync(join(DIST, file), 'utf8').matchAll(REQUIRED)].map(({ groups }) => groups ?? {});
    found.set(
      file,
      all.filter(({ lazy }) => lazy === undefined).map((each) => each['file'] ?? ''),
    );
    for (const each of all) visit(each['file'] ?? '');
  };
  visit('lwi.cjs');
  return found;
}

test('what speaks to PostgreSQL, and the queue of jobs, are loaded by whoever uses them and by nobody else', () => {
  const chunks = loadedAtOnce();
  const heavy = (file: string) => /^(postgres|jobs)-/.test(file);
  expect([...chunks.keys()].filter(heavy)).toHaveLength(2);
  const loading = [...chunks].filter(([, files]) => files.some(heavy)).map(([file]) => file.split('-')[0]);
  expect(loading).toEqual(['jobs']);
});
