import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CONFIG_LIMIT, loadConfig } from '../src/config.ts';
import { addProvider } from '../src/config-writer.ts';
import { LwiError } from '../src/errors.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lwi-writer-'));
});
afterEach(() => rm(directory, { recursive: true }));

const acme = { id: 'acme', api: { baseUrl: 'https://api.acme.example' } };
const builtIn = ['quickbooks', 'slack'];
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('a first provider makes the file (0600) and its directory (0700)', async () => {
  const file = join(directory, 'config', 'lwi', 'config.json');
  await addProvider(file, acme, { builtIn });
  expect(await loadConfig(file)).toEqual({ providers: { acme } });
  expect([await mode(file), await mode(join(directory, 'config', 'lwi'))]).toEqual(['600', '700']);
  expect(await readdir(join(directory, 'config', 'lwi'))).toEqual(['config.json']);
});

test('what else is in the config stays as it is, in its order', async () => {
  const file = join(directory, 'config.json');
  const before = { env: 'sandbox', providers: { zeta: { ...acme, id: 'zeta' } }, account: 'north' };
  await writeFile(file, JSON.stringify(before), { mode: 0o644 });
  await addProvider(file, acme, { builtIn });
  const after = { env: 'sandbox', providers: { zeta: before.providers.zeta, acme }, account: 'north' };
  expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(after, null, 2)}\n`);
  expect(await mode(file)).toBe('600');
});

test('an id that is taken is refused, unless it is to be replaced', async () => {
  const file = join(directory, 'config.json');
  await addProvider(file, acme, { builtIn });
  const renamed = { ...acme, title: 'Acme again' };
  const slack = { ...acme, id: 'slack' };
  const hint = 'Choose another id, or run the command again with --replace.';
  await expect(addProvider(file, renamed, { builtIn })).rejects.toEqual(
    new LwiError('USAGE', 'there is a provider acme already, in the config', { hint }),
  );
  await expect(addProvider(file, slack, { builtIn })).rejects.toEqual(
    new LwiError('USAGE', 'there is a provider slack already, built in', { hint }),
  );
  expect(await loadConfig(file)).toEqual({ providers: { acme } });
  await addProvider(file, renamed, { builtIn, replace: true });
  await addProvider(file, slack, { builtIn, replace: true });
  expect(await loadConfig(file)).toEqual({ providers: { acme: renamed, slack } });
});

test('a definition or a config that does not fit changes nothing', async () => {
  const file = join(directory, 'config.json');
  await expect(addProvider(file, { ...acme, color: 'red' }, { builtIn })).rejects.toEqual(
    new LwiError('CONFIG_INVALID', 'the definition: color: unknown key'),
  );
  await expect(lstat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  await writeFile(file, '{"oops": 1}');
  await expect(addProvider(file, acme, { builtIn })).rejects.toMatchObject({ message: `${file}: oops: unknown key` });
  expect(await readFile(file, 'utf8')).toBe('{"oops": 1}');
});

test('a linked config stays a link, and the file it names is replaced', async () => {
  const kept = join(directory, 'dotfiles');
  await mkdir(kept);
  await writeFile(join(kept, 'lwi.json'), '{"account":"north"}');
  const file = join(directory, 'config.json');
  await symlink(join(kept, 'lwi.json'), file);
  await addProvider(file, acme, { builtIn });
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(JSON.parse(await readFile(join(kept, 'lwi.json'), 'utf8'))).toEqual({ account: 'north', providers: { acme } });
  expect(await readdir(kept)).toEqual(['lwi.json']);
});

test('a link to nothing is refused', async () => {
  const file = join(directory, 'config.json');
  await symlink(join(directory, 'nowhere', 'lwi.json'), file);
  await expect(addProvider(file, acme, { builtIn })).rejects.toEqual(
    new LwiError('CONFIG_INVALID', `${file}: is a link to a file that is not there`),
  );
});

test('a definition that would make the config too large to be read again is refused, and nothing is written', async () => {
  const file = join(directory, 'config.json');
  await addProvider(file, acme, { builtIn });
  const before = await readFile(file, 'utf8');
  const large = { ...acme, id: 'large', title: 'x'.repeat(CONFIG_LIMIT) };
  await expect(addProvider(file, large, { builtIn })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a place that cannot be written to says so', async () => {
  const blocker = join(directory, 'file');
  await writeFile(blocker, '');
  const through = join(blocker, 'config.json');
  await expect(addProvider(through, acme, { builtIn })).rejects.toMatchObject({
    code: 'STORE_READONLY',
    message: `${through}: cannot be written (EEXIST)`,
  });
  // Just short enough for a name, so that the temporary file beside it has none.
  const long = join(directory, 'n'.repeat(250));
  await expect(addProvider(long, acme, { builtIn })).rejects.toMatchObject({
    code: 'STORE_READONLY',
    message: `${long}: cannot be written (ENAMETOOLONG)`,
  });
});
