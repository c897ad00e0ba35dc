import { describe, expect, onTestFinished, test } from 'vitest';
import { isLwiMock } from '../../commands/provider/is-lwi-mock.ts';
import { closeAll } from '../../src/checks/provider/close-all.ts';
import { handOn } from '../../src/checks/provider/hand-on.ts';
import { deadlineSignal, systemClock } from '../../src/clock.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { openTerminal } from '../../src/terminal.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { type Answer, oddServer } from '../support/odd-server.ts';

test('all is closed, whatever cannot be, and the first trouble is told', async () => {
  const closed: string[] = [];
  const closer = (name: string, error?: Error) => async () => {
    closed.push(name);
    if (error) throw error;
  };
  const closers = [
    closer('server'),
    closer('store', new Error('first')),
    closer('wire', new Error('second')),
    closer('home'),
  ];
  await expect(closeAll(closers)).rejects.toThrow('first');
  expect(closed).toEqual(['server', 'store', 'wire', 'home']);
});

test.each([204, 205, 304])('%i is handed on without a body', async (status) => {
  const { url } = await oddServer(() => ({ status, headers: { 'x-seen': 'yes' } }));
  const send = handOn(
    { url, endpoints: (standIn) => ({ apiBaseUrl: standIn }) },
    {
      ...{ provider: quickbooks, ofTheUser: false, time: systemClock, place: temporaryDirectory() },
      mock: (options) => createMock({ ...options, providers: ['quickbooks'] }),
    },
  );
  const answer = await send(new Request(`${url}/v3`), new AbortController().signal);
  expect([answer.status, answer.headers.get('x-seen'), answer.body]).toEqual([status, 'yes', null]);
});

describe('whether a server is the mock of lwi', () => {
  const ask = async (url: string, signal = new AbortController().signal) => {
    const sink = { isTTY: false, write: () => {} };
    const terminal = await openTerminal({
      ...{ stdout: sink, stderr: sink, environment: {}, json: false, quiet: false, color: false },
    });
    const context = {
      clock: systemClock,
      options: { json: false, quiet: false, verbosity: 0, input: false, color: false },
      terminal,
      signal: new AbortController().signal,
    };
    return isLwiMock(context, { provider: quickbooks, url, signal });
  };

  test('it says itself', async () => {
    const mock = await serveMock({ port: 0, mock: createMock({ clock: systemClock }) });
    onTestFinished(() => mock.close());
    expect(await ask(mock.url)).toBe(true);
  });

  test('no other one is, whatever it sends, and however much', async () => {
    const page = { mock: 'lwi', filling: 'x'.repeat(64 * 1024) };
    const answers: Answer[] = ['cut', { json: null }, { html: '<p>' }, { json: page }, { status: 500, json: {} }];
    for (const answer of answers) expect(await ask((await oddServer(() => answer)).url)).toBe(false);
  });

  test('one that says nothing is not waited for beyond the time of all checks', async () => {
    const limit = deadlineSignal(50);
    expect(await ask((await oddServer(() => 'hang')).url, limit.signal)).toBe(false);
    limit.done();
  });
});
