import { expect, test } from 'vitest';
import { failureOf, openScenario } from '../support/scenario.ts';

test('an account sees and uses nothing of another one', async () => {
  const lwi = await openScenario({ records: 3 });
  await lwi.connect(['quickbooks', '-a', 'north']);
  await lwi.json(['-a', 'north', 'secret', 'set', 'slack', 'webhook-secret'], { stdin: 'of-north' });
  const asSouth = [{ env: { LWI_ACCOUNT: 'south' } }, { env: {} }] as const;
  for (const [at, options] of asSouth.entries()) {
    const words = (...rest: string[]) => (at === 0 ? rest : ['--account', 'south', ...rest]);
    expect(await lwi.json(words('status'), options)).toEqual([]);
    expect(await lwi.json(words('token', 'list'), options)).toEqual([]);
    expect(await lwi.json(words('secret', 'list'), options)).toEqual([]);
    for (const command of [['token', 'get'], ['token', 'inspect'], ['sync'], ['disconnect']]) {
      const ran = await lwi.run(words(...command, 'quickbooks', '--json'), options);
      expect(failureOf(ran)).toMatchObject({ exit: 3, stdout: '', error: { code: 'NOT_CONNECTED', account: 'south' } });
    }
  }
  expect(await lwi.json(['-a', 'north', 'status'])).toMatchObject([{ account: 'north', health: 'valid' }]);
});

test('two accounts hold two companies of one provider, each with its own token', async () => {
  const lwi = await openScenario({ records: 3 });
  await lwi.connect(['quickbooks', '-a', 'north']);
  await lwi.connect(['quickbooks', '-a', 'south'], { company: 1 });
  expect(await lwi.json(['status'])).toMatchObject([
    { account: 'north', externalName: 'Laneweaver Freight LLC' },
    { account: 'south', externalName: 'Laneweaver Logistics Canada Inc' },
  ]);
  const [north, south] = await Promise.all(
    ['north', 'south'].map((a) => lwi.run(['token', 'get', 'quickbooks', '-a', a])),
  );
  expect(north?.stdout).not.toBe(south?.stdout);
});

test.each(['../etc', 'a b', 'x/y', '-'])('the account id %j is refused with code 2', async (account) => {
  const lwi = await openScenario();
  expect((await lwi.run(['status', `--account=${account}`])).code).toBe(2);
});
