import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { LwiError } from '../../../src/errors.ts';
import { connectionSettings } from '../../../src/store/postgres/connection-url.ts';
import type { Surroundings } from '../../../src/store/postgres/surroundings.ts';

const SECRET = 'planted-pa55word';
const around = (environment: Record<string, string>): Surroundings => ({ environment, homedir: () => '/nowhere' });

function refusal(url: string, surroundings?: Surroundings): string {
  try {
    connectionSettings(url, 'LWI_DATABASE_URL', surroundings);
    return '';
  } catch (error) {
    if (!(error instanceof LwiError)) throw error;
    expect([error.code, error.exitCode]).toEqual(['USAGE', 2]);
    expect(inspect(error)).not.toContain('pa55');
    return `${error.message} ${error.hint}`;
  }
}

describe('the URL of the database', () => {
  test.each([
    ['postgres://a@db/x', 'a@db:5432/x', 'verify-full'],
    ['postgresql://a:b@db.example:6000/x', 'a@db.example:6000/x', 'verify-full'],
    ['POSTGRES://a@127.0.0.1/x', 'a@127.0.0.1:5432/x', 'none'],
    ['postgres://a@[::1]:5433/x', 'a@[::1]:5433/x', 'none'],
    ['postgres://a@[2001:db8::7]/x', 'a@[2001:db8::7]:5432/x', 'verify-full'],
    ['postgres://a@/x?host=/run/postgresql', 'a@/x?host=/run/postgresql', 'none'],
    ['postgres://a@/x?host=/run/postgresql&port=5433', 'a@/x?host=/run/postgresql&port=5433', 'none'],
    ['postgres://a@127.0.0.1/x?sslrootcert=system', 'a@127.0.0.1:5432/x', 'verify-full'],
    ['postgres://a@%2Frun%2Fpostgresql/x', 'a@/x?host=/run/postgresql', 'none'],
    ['postgres://a%40b@db/x%20y?sslmode=require', 'a%40b@db:5432/x%20y', 'encrypted'],
    ['postgres://a@db/x?sslmode=disable', 'a@db:5432/x', 'none'],
    ['postgres://a@127.0.0.1/x?sslmode=verify-full', 'a@127.0.0.1:5432/x', 'verify-full'],
    ['postgres://a@db', 'a@db:5432/a', 'verify-full'],
  ])('%s leads to %s, protected: %s', (url, place, protection) => {
    const settings = connectionSettings(url, 'LWI_DATABASE_URL');
    expect([settings.place, settings.protection]).toEqual([`postgres://${place}`, protection]);
    const open = !place.includes('127.0.0.1') && !place.includes('[::1]') && !place.includes('host=');
    expect(settings.warning !== undefined).toBe(open && ['none', 'encrypted'].includes(protection));
  });

  test.each([
    ['file:lwi.db', 'is no URL of a PostgreSQL database'],
    ['lwi.db', 'is no URL of a PostgreSQL database'],
    ['mysql://a@db/x', 'is no URL of a PostgreSQL database'],
    ['postgres:a@db/x', 'is no URL of a PostgreSQL database'],
    [`postgres://a:${SECRET}#@db/x`, 'is no URL of a PostgreSQL database'],
    ['postgres://a:12/pa55@db/x', 'there is an @ or a # behind the host'],
    ['postgres://a:12?pa55@db/x', 'there is an @ or a # behind the host'],
    [`postgres://a@db/x?password=${SECRET}`, 'does not know the parameter password'],
    ['postgres://a@db/x?pa55word=1', 'does not know the parameter.'],
    [`postgres://a:${SECRET}%zz@db/x`, 'a % that begins no escape'],
    ['postgres://a@one,two/x', 'names several hosts'],
    ['postgres://a@one/x?host=two', 'names the host twice. Write it before the path, or leave it out there'],
    ['postgres://a@db:99999/x', 'there is no such port. A port is a number from 1 to 65535.'],
    ['postgres://a@db:0/x', 'there is no such port'],
    ['postgres://a@db/x/y', 'more than one / behind the host. Behind the host comes the name of the database alone'],
    ['postgres://a@db/x?pool_size=2&pool_size=3', 'a parameter is there twice. Leave out one of the two.'],
    [
      'postgres://a@db/x?sslmode=prefer',
      'does not have this sslmode. Modes are disable, require, verify-ca, verify-full',
    ],
    ['postgres://a@db/x?sslrootcert=/nowhere/ca.pem', 'there is no file /nowhere/ca.pem'],
    ['postgres://a@/x?host=/run/postgresql&port=70000', 'there is no such port'],
    ['postgres://a@db:1/x?port=2', 'names the port twice'],
    [
      'postgres://a@/x?host=/run/postgresql&sslrootcert=/ca.pem',
      'sslrootcert is for TLS, which a socket does not have',
    ],
    [
      'postgres://a@db/x?pool_size=0',
      'pool_size is a whole number from 1 to 50. Correct pool_size in the URL, or leave it out: then it is 5.',
    ],
    ['postgres://a@db/x?connect_timeout=1.5', 'connect_timeout is a whole number from 1 to 60'],
  ])('%s is refused: %s', (url, why) => {
    expect(refusal(url)).toContain(why);
  });

  test('a variable of libpq that names somebody else is refused where the URL leaves it open, and has no say where it does not', () => {
    const others = around({ PGHOST: 'other', PGPORT: '1', PGUSER: 'other', PGDATABASE: 'other', PGOPTIONS: '-c x=y' });
    expect(refusal('postgres://db/x', others)).toContain('names no port, and PGPORT is set');
    expect(refusal('postgres://db:1/x', others)).toContain('names no user, and PGUSER is set');
    expect(refusal('postgres://a@db:1', others)).toContain('names no database, and PGDATABASE is set');
    expect(refusal('postgres://a@/x', others)).toContain('names no host, and PGHOST is set');
    const { driver } = connectionSettings('postgres://a@db:1/x', 'test', others);
    expect(driver).toMatchObject({ host: 'db', port: 1, user: 'a', database: 'x' });
    expect(driver.options).not.toContain('x=y');
  });

  test('options of the person come before those that lwi relies on', () => {
    const { driver } = connectionSettings('postgres://a@db/x?options=-c%20search_path%3Dother&pool_size=2', 'test');
    expect(driver.options).toMatch(/^-c search_path=other -c search_path=lwi,pg_temp /);
    expect(driver.max).toBe(2);
  });

  test('the password is in nothing that can be printed', async () => {
    const settings = connectionSettings(`postgres://a:${SECRET}@db/x`, 'test');
    expect(`${inspect(settings, { depth: 9, showHidden: true })}${JSON.stringify(settings)}`).not.toContain(SECRET);
    expect(await (settings.driver.password as () => Promise<string>)()).toBe(SECRET);
  });
});
