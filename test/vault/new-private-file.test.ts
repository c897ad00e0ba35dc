import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assertNoFile, writeNewPrivateFile } from '../../src/vault/new-private-file.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('a new file is for its owner alone, whatever the umask, and nothing else is left beside it', async () => {
  const before = process.umask(0);
  onTestFinished(() => {
    process.umask(before);
  });
  const directory = temporaryDirectory();
  const path = join(directory, 'key.json');
  await assertNoFile(path);
  await writeNewPrivateFile(path, 'text');
  expect([readFileSync(path, 'utf8'), (statSync(path).mode & 0o777).toString(8)]).toEqual(['text', '600']);
  expect(readdirSync(directory)).toEqual(['key.json']);
});

test('a file or a link that is there is never replaced', async () => {
  const directory = temporaryDirectory();
  const [file, link] = [join(directory, 'file'), join(directory, 'link')];
  writeFileSync(file, 'precious');
  symlinkSync(join(directory, 'nowhere'), link);
  for (const path of [file, link]) {
    const taken = { code: 'USAGE', message: `The file ${path} is there already, and is not overwritten.` };
    await expect(assertNoFile(path)).rejects.toMatchObject(taken);
    await expect(writeNewPrivateFile(path, 'new')).rejects.toMatchObject(taken);
  }
  expect(readFileSync(file, 'utf8')).toBe('precious');
  expect(readdirSync(directory)).toEqual(['file', 'link']);
});

test('a directory that is not there is said to be the trouble', async () => {
  const path = join(temporaryDirectory(), 'none', 'key.json');
  await expect(writeNewPrivateFile(path, 'x')).rejects.toMatchObject({
    code: 'USAGE',
    message: `The file ${path} cannot be written (ENOENT).`,
  });
});
