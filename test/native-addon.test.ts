import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nativeAddonFile, refusedPlace } from '../src/native-addon.ts';

const CONTENT = Buffer.from('\x7fELF and the rest');
const user = process.getuid?.();

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'lwi-addon-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const opened = () => {
  const directory = join(folder(), 'cache', 'native');
  const file = (more: { user?: number; content?: Buffer } = {}) =>
    nativeAddonFile({ directory, name: 'a-1.node', content: CONTENT, user, ...more });
  return { directory, file };
};

test('the file holds the content, in a directory of this user alone, and is left as it is the next time', () => {
  const { directory, file } = opened();
  const path = file();
  expect(readFileSync(path)).toEqual(CONTENT);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  const { ino } = statSync(path);
  expect(file()).toBe(path);
  expect(statSync(path).ino).toBe(ino);
  expect(readdirSync(directory)).toEqual(['a-1.node']);
});

test.each([
  ['another content of the same length', Buffer.from('\x7fELF and a trap')],
  ['half of it', CONTENT.subarray(0, 8)],
  ['nothing', Buffer.alloc(0)],
])('%s is replaced before it is used', (_, planted) => {
  const { file } = opened();
  writeFileSync(file(), planted);
  expect(readFileSync(file())).toEqual(CONTENT);
});

test('a link is replaced, and what it points to is left alone', () => {
  const { directory, file } = opened();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const elsewhere = join(folder(), 'elsewhere');
  writeFileSync(elsewhere, CONTENT);
  symlinkSync(elsewhere, join(directory, 'a-1.node'));
  expect(statSync(file()).ino).not.toBe(statSync(elsewhere).ino);
  expect(readFileSync(elsewhere)).toEqual(CONTENT);
});

test.skipIf(user === undefined)('a directory that others may change is refused, and nothing is written', () => {
  const { directory, file } = opened();
  file();
  chmodSync(directory, 0o770);
  expect(file).toThrow(
    expect.objectContaining({ code: 'STORE_READONLY', message: expect.stringContaining('open to others') }),
  );
  chmodSync(directory, 0o700);
  expect(() => file({ user: (user ?? 0) + 1 })).toThrow(/belongs to another user/);
});

test('a place that cannot be written is named, with what to do', () => {
  const place = join(folder(), 'a file');
  writeFileSync(place, '');
  const file = () => nativeAddonFile({ directory: join(place, 'native'), name: 'a-1.node', content: CONTENT, user });
  expect(file).toThrow(expect.objectContaining({ code: 'STORE_READONLY', hint: expect.stringContaining('LWI_HOME') }));
  expect(file).toThrow(place);
});

test('a file system without programs is told apart from a library that is missing', () => {
  const said = '/x/a-1.node: failed to map segment from shared object';
  expect(refusedPlace('/x/a-1.node', said)).toMatchObject({ code: 'STORE_READONLY' });
  expect(refusedPlace('/x/a-1.node', 'libsecret-1.so.0: cannot open shared object file: No such file')).toBeUndefined();
});
