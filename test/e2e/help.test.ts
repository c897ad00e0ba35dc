import { describe, expect, test } from 'vitest';
import { ENVIRONMENT_VARIABLES } from '../../src/environment-variables.ts';
import { ERROR_KINDS } from '../../src/errors.ts';
import { failureOf, openScenario } from '../support/scenario.ts';

const help = ['help'];

describe('lwi help', () => {
  test('lists commands and topics, and has the same as data', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(help);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^ {2}sync .*pull what changed/m);
    expect(ran.stdout).toMatch(
      /Topics of `lwi help`:\n {2}exit-codes, environment, providers, errors, limits, reference\./,
    );
    const { topics, commands } = (await lwi.json(help)) as Record<string, { topic?: string; command?: string }[]>;
    expect(topics?.map(({ topic }) => topic)).toContain('exit-codes');
    expect(commands?.map(({ command }) => command)).toContain('lwi sync');
  });

  test('shows the tables that the code works with, within 80 columns', async () => {
    const lwi = await openScenario();
    const environment = await lwi.run([...help, 'environment']);
    expect(ENVIRONMENT_VARIABLES.filter(({ name }) => !environment.stdout.includes(`  ${name}`))).toEqual([]);
    expect(environment.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const errors = (await lwi.json([...help, 'errors'])) as { code: string; exitCode: number; meaning: string }[];
    expect(errors.map(({ code, exitCode }) => [code, exitCode])).toEqual(
      Object.entries(ERROR_KINDS).map(([code, { exit }]) => [code, exit]),
    );
    const codes = (await lwi.json([...help, 'exit-codes'])) as { exitCode: number; errors: string[] }[];
    expect(codes.map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143]);
    expect(codes.flatMap((each) => each.errors).toSorted()).toEqual(Object.keys(ERROR_KINDS).toSorted());
  });

  test.each([['KEY_WRONG'], ['errors', 'key-wrong']])(
    '%s %s says what the error means and what to do',
    async (...words) => {
      const lwi = await openScenario();
      const { stdout } = await lwi.run([...help, ...words]);
      expect(stdout).toMatch(/^KEY_WRONG\nThe key that was given is not the one/);
      expect(stdout).toMatch(/exit code +7 \(storage\)\n +retryable +no.*\n +what to do +Give the key/);
    },
  );

  test('knows the providers of the config, and shows a command and a topic of one name', async () => {
    const lwi = await openScenario();
    lwi.config({ providers: { acme: { id: 'acme', title: 'Acme', api: { baseUrl: 'https://api.acme.example/v1' } } } });
    expect((await lwi.run([...help, 'providers'])).stdout).toMatch(/^acme: Acme, from the config$/m);
    const limits = await lwi.json([...help, 'limits']);
    expect(limits).toMatchObject({
      command: 'lwi limits',
      providers: expect.arrayContaining([{ provider: 'acme', limits: [expect.objectContaining({ permits: 60 })] }]),
      bounds: expect.arrayContaining([expect.objectContaining({ changedBy: '`--max-body`', value: 1_048_576 })]),
    });
  });

  test.each([
    [['exit-code'], 'Did you mean exit-codes?'],
    [['errors', 'KEY_WRNG'], 'Did you mean KEY_WRONG?'],
    [['webhook', 'sgn'], '`lwi webhook` has no command \\"sgn\\". Did you mean sign?'],
  ])('%j is code 2 with a word on what was meant', async (words, message) => {
    const lwi = await openScenario();
    const { exit, error } = failureOf(await lwi.run([...help, ...words, '--json']));
    expect({ exit, code: error['code'] }).toEqual({ exit: 2, code: 'USAGE' });
    expect(JSON.stringify(error['message'])).toContain(message);
  });
});
