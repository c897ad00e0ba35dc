import { expect, test } from 'vitest';
import { LwiError } from '../src/errors.ts';
import { resolvePaths } from '../src/paths.ts';

const linux = { platform: 'linux', homedir: '/home/pat', environment: {} } as const;

test('on Linux the XDG places, with their defaults', () => {
  expect(resolvePaths(linux)).toEqual({
    config: '/home/pat/.config/lwi/config.json',
    data: '/home/pat/.local/share/lwi/lwi.db',
    cache: '/home/pat/.cache/lwi',
  });
  const environment = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d/', XDG_CACHE_HOME: '/x' };
  expect(resolvePaths({ ...linux, environment })).toEqual({
    config: '/c/lwi/config.json',
    data: '/d/lwi/lwi.db',
    cache: '/x/lwi',
  });
});

test('an empty or relative XDG variable is passed over, as the specification demands', () => {
  const environment = { XDG_CONFIG_HOME: '', XDG_DATA_HOME: 'relative', XDG_CACHE_HOME: undefined };
  expect(resolvePaths({ ...linux, environment })).toEqual(resolvePaths(linux));
});

test('on macOS and Windows their own places', () => {
  expect(resolvePaths({ ...linux, platform: 'darwin', homedir: '/Users/pat' })).toEqual({
    config: '/Users/pat/Library/Preferences/lwi/config.json',
    data: '/Users/pat/Library/Application Support/lwi/lwi.db',
    cache: '/Users/pat/Library/Caches/lwi',
  });
  const windows = { platform: 'win32', homedir: 'C:\\Users\\pat' } as const;
  expect(resolvePaths({ ...windows, environment: { APPDATA: 'D:\\Roaming' } })).toEqual({
    config: 'D:\\Roaming\\lwi\\Config\\config.json',
    data: 'C:\\Users\\pat\\AppData\\Local\\lwi\\Data\\lwi.db',
    cache: 'C:\\Users\\pat\\AppData\\Local\\lwi\\Cache',
  });
});

test('LWI_HOME puts all in one directory, and --home goes before it', () => {
  const environment = { LWI_HOME: '/srv/lwi/', XDG_CONFIG_HOME: '/c' };
  expect(resolvePaths({ ...linux, environment })).toEqual({
    config: '/srv/lwi/config.json',
    data: '/srv/lwi/lwi.db',
    cache: '/srv/lwi/cache',
  });
  expect(resolvePaths({ ...linux, environment, home: '/other' }).config).toBe('/other/config.json');
});

test('an empty home is refused, and not passed over for another place', () => {
  const empty = (name: string, inputs: object) =>
    expect(() => resolvePaths({ ...linux, ...inputs })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `${name} is empty.` }),
    );
  empty('LWI_HOME', { environment: { LWI_HOME: '' } });
  empty('--home', { home: '' });
  empty('--home', { home: '', environment: { LWI_HOME: '/srv' } });
  expect(resolvePaths({ ...linux, home: '/srv', environment: { LWI_HOME: '' } }).data).toBe('/srv/lwi.db');
});

test('a relative home counts from the working directory', () => {
  expect(resolvePaths({ ...linux, home: 'here' }).data).toBe(`${process.cwd()}/here/lwi.db`);
});

test('without any home the answer is what to set', () => {
  expect(() => resolvePaths({ ...linux, homedir: '' })).toThrow(
    new LwiError('USAGE', 'there is no home directory', { hint: 'Set LWI_HOME or give --home.' }),
  );
  expect(resolvePaths({ ...linux, homedir: '', environment: { LWI_HOME: '/srv' } }).data).toBe('/srv/lwi.db');
});
