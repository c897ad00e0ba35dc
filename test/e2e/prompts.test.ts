import { describe, expect, test } from 'vitest';
import { onTerminal } from '../support/on-terminal.ts';
import { failureOf, openScenario } from '../support/scenario.ts';

const DOWN = `${String.fromCharCode(27)}[B`;
const CTRL_C = String.fromCharCode(3);

describe('on a terminal, a provider that is missing', () => {
  test('is chosen from all for connect, and from those connected for disconnect, which asks again', async () => {
    const lwi = await openScenario();
    const connect = onTerminal(lwi, ['connect']);
    await connect.answer(/MyCarrierPackets/, `${DOWN}${DOWN}\r`);
    const connected = await connect.end();
    expect(connected.code).toBe(0);
    expect(connected.screen).toContain('next time: lwi connect mycarrierpackets\n');
    expect(connected.screen).toMatch(/connected MyCarrierPackets \(mock\)/);

    const refused = onTerminal(lwi, ['disconnect']);
    await refused.answer(/❯ mycarrierpackets/, '\r');
    await refused.answer(/Disconnect mycarrierpackets of account default\?/, 'n\r');
    expect(await refused.end()).toMatchObject({
      code: 2,
      screen: expect.stringContaining('Nothing was disconnected.'),
    });

    const stopped = onTerminal(lwi, ['disconnect'], { NO_COLOR: '1' });
    await stopped.answer(/❯ mycarrierpackets/, CTRL_C);
    expect((await stopped.end()).code).toBe(130);
    expect(await lwi.json(['token', 'list'])).toHaveLength(1);
  });

  test('is the only one connected where a command only reads, and none where nothing is connected', async () => {
    const lwi = await openScenario();
    const nothing = await onTerminal(lwi, ['token', 'inspect']).end();
    expect(nothing).toMatchObject({ code: 3, screen: expect.stringContaining('not connected to anything') });
    await lwi.json(['connect', 'mycarrierpackets']);
    const { code, screen } = await onTerminal(lwi, ['exec', '--', 'printenv', 'LWI_BASE_URL']).end();
    expect({ code, screen }).toEqual({
      code: 0,
      screen: `mycarrierpackets is taken: there is no other.\nnext time: lwi exec mycarrierpackets …\n${lwi.mockUrl}/mycarrierpackets\n`,
    });
  });

  test('is asked for one word after the other, each with what it can be', async () => {
    const lwi = await openScenario();
    const secret = onTerminal(lwi, ['secret', 'set']);
    await secret.answer(/❯ quickbooks/, '\r');
    await secret.answer(/❯ client-id/, '\r');
    await secret.answer(/quickbooks client-id:/, 'the-id\r');
    const { code, screen } = await secret.end();
    expect(code).toBe(0);
    expect(screen).toContain('next time: lwi secret set quickbooks client-id\n');
    expect(screen).not.toContain('the-id');
  });
});

describe('where nobody can be asked', () => {
  test.each([
    [['connect'], "missing required argument 'provider'", 'Run `lwi connect <provider>`. `lwi provider list` names'],
    [['exec', '--', 'true'], "missing required argument 'provider'", 'Run `lwi exec <provider>`. It stands before'],
    [['api', '/x'], "missing required argument 'provider'", 'Run `lwi api <provider> <path>`. `lwi status`'],
    [['secret', 'set', 'slack'], "missing required argument 'name'", 'Run `lwi secret set <provider> <name>`.'],
    [['provider', 'check'], "missing required argument 'provider'", 'Run `lwi provider check <provider>`. `lwi provi'],
    [['provider', 'add'], "missing required option '--file <json>'", 'Run `lwi provider add --file <json>`.'],
  ])('%j is code 2 and says what to give', async (words, message, hint) => {
    const lwi = await openScenario();
    const { exit, stdout, error } = failureOf(await lwi.run(['--no-input', '--json', ...words]));
    expect({ exit, stdout, error }).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE', message } });
    expect(String(error['hint']).startsWith(hint)).toBe(true);
  });

  test('which is so under --json and --no-input on a terminal too', async () => {
    const lwi = await openScenario();
    for (const flag of ['--json', '--no-input']) {
      const { code, screen } = await onTerminal(lwi, ['connect', flag]).end();
      expect([code, screen]).toEqual([2, expect.stringContaining("missing required argument 'provider'")]);
    }
  });
});
