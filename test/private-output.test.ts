import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLwiError } from '../src/errors.ts';
import { openPrivateOutput } from '../src/private-output.ts';
import { temporaryDirectory } from './store/temporary-directory.ts';

test('nobody sees the file before it is whole, and then only its owner reads it', () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'out.json');
  writeFileSync(path, 'before', { mode: 0o644 });
  const output = openPrivateOutput(path);
  output.write('{"a":');
  output.write(new Uint8Array([49, 125]));
  expect(readFileSync(path, 'utf8')).toBe('before');
  output.commit();
  output.drop();
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, readdirSync(directory)]).toEqual([
    ...['{"a":1}', 0o600, ['out.json']],
  ]);
});

test('what is dropped leaves everything as it was', () => {
  const directory = temporaryDirectory();
  const output = openPrivateOutput(join(directory, 'out.json'));
  output.write('half');
  output.drop();
  output.drop();
  expect(readdirSync(directory)).toEqual([]);
});

test('a device is written to and stays one', () => {
  const output = openPrivateOutput('/dev/null');
  output.write('away');
  output.commit();
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test.each([
  ['a directory', (at: string) => mkdirSync(at)],
  ['a link', (at: string) => symlinkSync('/dev/null', at)],
  ['a place in a directory that is not there', () => {}],
])('%s is refused', (what, make) => {
  const directory = temporaryDirectory();
  const path = join(directory, ...(what.startsWith('a place') ? ['nowhere'] : []), 'out');
  make(path);
  let caught: unknown;
  try {
    openPrivateOutput(path);
  } catch (error) {
    caught = error;
  }
  expect(isLwiError(caught, 'USAGE') && caught.message).toContain(path);
  expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('no name is refused at once, not when all has been written', () => {
  expect(() => openPrivateOutput('')).toThrow('The name of the file is empty.');
});
