import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencies } from '../../commands/replay/latencies.ts';
import { readRate } from '../../commands/replay/rate.ts';
import { replayTally } from '../../commands/replay/replay-tally.ts';
import { forwardSettings } from '../../commands/shared/forwarding.ts';
import { confirmTarget, readTarget } from '../../commands/shared/target.ts';
import { setMember } from '../../commands/webhook/set-member.ts';
import { createPrompt } from '../../src/prompt.ts';

const usage = expect.objectContaining({ code: 'USAGE' });

describe('--set', () => {
  it.each([
    ['text', { a: 'x' }, 'a=hello', { a: 'hello' }],
    ['a number', { a: 1 }, 'a=12', { a: 12 }],
    ['a number where a text stands stays text', { a: 'x' }, 'a=12', { a: '12' }],
    ['quotes make text of anything', { a: 1 }, 'a="12"', { a: '12' }],
    ['true, null, objects', { a: 'x' }, 'a={"b":[true,null]}', { a: { b: [true, null] } }],
    ['what is no JSON is text', {}, 'a={oops', { a: '{oops' }],
    ['an empty text', { a: 1 }, 'a=', { a: '' }],
    ['an equals sign in the value', {}, 'a=b=c', { a: 'b=c' }],
    ['parents are made', {}, 'a.b.c=x', { a: { b: { c: 'x' } } }],
    ['null is no parent, and makes room', { a: null }, 'a.b=x', { a: { b: 'x' } }],
    ['a place in an array', { a: [{ b: 1 }, { b: 2 }] }, 'a.1.b=3', { a: [{ b: 1 }, { b: 3 }] }],
    ['one more in an array', { a: [1] }, 'a.1=2', { a: [1, 2] }],
    ['an array is made', {}, 'a.0.b=1', { a: [{ b: 1 }] }],
    ['the first of an array at the top', [{ b: 1 }, { b: 1 }], 'b=2', [{ b: 2 }, { b: 1 }]],
    ['any of an array at the top', [{ b: 1 }, { b: 1 }], '1.b=2', [{ b: 1 }, { b: 2 }]],
  ])('%s', (_name, body, assignment, expected) => {
    expect(JSON.parse(JSON.stringify(setMember(body, assignment)))).toEqual(expected);
  });

  it('long numbers keep their digits', () => {
    expect(JSON.stringify(setMember({}, 'a=12345678901234567890.10'))).toBe('{"a":12345678901234567890.10}');
    expect(JSON.stringify(setMember({}, 'a=[12345678901234567890]'))).toBe('{"a":[12345678901234567890]}');
  });

  it.each([
    ['no path', {}, '=x'],
    ['no value', {}, 'a'],
    ['an empty step', {}, 'a..b=x'],
    ['too deep', {}, `${'a.'.repeat(40)}b=x`],
    ['below a text', { a: 'x' }, 'a.b=x'],
    ['below a number', { a: 1 }, 'a.b=x'],
    ['a name in an array', { a: [1] }, 'a.b=x'],
    ['far behind the end of an array', { a: [1] }, 'a.900000=x'],
    ['a place that is none', { a: [1] }, 'a.01=x'],
    ['far into an array that is not there', {}, 'a.5=x'],
  ])('%s is USAGE', (_name, body, assignment) => {
    expect(() => setMember(body, assignment)).toThrow(usage);
  });

  it('no path reaches a prototype', () => {
    const body = setMember(JSON.parse('{"a":{}}'), 'a.__proto__.polluted=1');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(JSON.stringify(body)).toBe('{"a":{"__proto__":{"polluted":1}}}');
    setMember(JSON.parse('{}'), 'constructor.prototype.polluted=1');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('--rate', () => {
  it.each([
    ['5/s', 200],
    ['0.5/s', 2000],
    ['30/m', 2000],
    ['100/h', 36_000],
    ['2000/s', 0.5],
  ])('%s', (text, everyMs) => expect(readRate(text)).toBe(everyMs));

  it.each(['5', '0/s', '-1/s', '5/d', '/s', '1e3/s', '5 /s', ''])('%j is USAGE', (text) => {
    expect(() => readRate(text)).toThrow(usage);
  });
});

describe('latencies', () => {
  it('are those of the nearest rank, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 600_000 }), { minLength: 1, maxLength: 300 }), (all) => {
        const counted = latencies();
        for (const ms of all) counted.add(ms);
        const sorted = all.toSorted((one, other) => one - other);
        const rank = (share: number) => sorted[Math.ceil(sorted.length * share) - 1];
        expect(counted.summary()).toEqual({ p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: sorted.at(-1) });
      }),
    );
    expect(latencies().summary()).toBeUndefined();
  });
});

describe('what came of a replay', () => {
  it.each([
    [[200, 204], 0],
    [[200, 302], 4],
    [[200, 101], 4],
    [[200, 404], 4],
    [[404, 429], 5],
    [[404, 503], 5],
    [[undefined, 200], 5],
  ])('%j is code %i', (statuses, code) => {
    const tally = replayTally();
    for (const status of statuses) tally.add({ status, latencyMs: 1 });
    expect(tally.exitCode()).toBe(code);
  });

  it('an input that could not be sent is code 2, unless something is worse', () => {
    const tally = replayTally();
    tally.add({ error: 'nonsense' });
    tally.add({ status: 200, latencyMs: 3 });
    expect(tally.exitCode()).toBe(2);
    expect(tally.counts()).toMatchObject({ sent: 1, ok: 1, failed: 1, unsent: 1 });
    tally.add({ status: 404, latencyMs: 3 });
    expect(tally.exitCode()).toBe(4);
  });

  it('an answer in another protocol is counted as what it is', () => {
    const tally = replayTally();
    tally.add({ status: 101, latencyMs: 1 });
    expect(tally.counts()).toMatchObject({ ok: 0, answers: { '1xx': 1, '2xx': 0 } });
  });

  it('keeps the first ten thousand, and some failures behind them', () => {
    const tally = replayTally();
    for (let i = 0; i < 30_000; i++) tally.add({ status: i % 3 === 0 ? 500 : 200, latencyMs: 1 });
    expect([tally.results.length, tally.leftOut()]).toEqual([11_000, 19_000]);
    expect(tally.counts()).toMatchObject({ sent: 30_000, ok: 20_000, failed: 10_000, answers: { '5xx': 10_000 } });
  });
});

describe('--to', () => {
  it('a host alone takes the path of the request; anything more is the whole address', () => {
    expect(readTarget('http://127.0.0.1:3000').url('/webhooks/slack?a=1')).toBe(
      'http://127.0.0.1:3000/webhooks/slack?a=1',
    );
    expect(readTarget('http://127.0.0.1:3000').url('https://old.example/x')).toBe('http://127.0.0.1:3000/x');
    expect(readTarget('http://127.0.0.1:3000/hook#part').url('/x')).toBe('http://127.0.0.1:3000/hook');
    expect(readTarget('http://127.0.0.1:3000').url('?a=1')).toBe('http://127.0.0.1:3000/?a=1');
    for (const whole of ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000/hook', 'http://127.0.0.1:3000/?x=1'])
      expect(readTarget(whole).url('/webhooks/slack')).toBe(whole);
  });

  it.each([
    ['HTTP://LocalHost:80/a/../b#part', 'http://localhost/b'],
    ['http://127.1:3000?x=1', 'http://127.0.0.1:3000/?x=1'],
    ['https://api.example.com:443/h@k', 'https://api.example.com/h@k'],
  ])('%s has the one name that --forward-to gives it', (text, name) => {
    expect(readTarget(text).url('/x')).toBe(name);
    expect(forwardSettings({ forwardTo: [text, name] }).targets).toEqual([name]);
  });

  it.each([
    ...['nonsense', 'ftp://127.0.0.1/', 'file:///etc/passwd', 'http://', ' http://127.0.0.1/', 'http:127.0.0.1/x'],
    ...['http:///127.0.0.1/', 'http://\\127.0.0.1/', 'http://me:hunter2@127.0.0.1/', 'http://me@127.0.0.1/'],
    ...['http://me:hunter2@127.0.0.1:99999/', 'ftp://me:hunter2@127.0.0.1/', 'me:hunter2@127.0.0.1'],
  ])('%s is USAGE, here and as --forward-to, and no password is repeated', (text) => {
    for (const read of [() => readTarget(text), () => forwardSettings({ forwardTo: [text] })]) {
      expect(read).toThrow(usage);
      expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
    }
  });

  it('a target of --forward-to is a key of the database, and no longer than one may be', () => {
    const url = `http://127.0.0.1/${'x'.repeat(1983)}`;
    expect(forwardSettings({ forwardTo: [url] }).targets).toEqual([url]);
    expect(() => forwardSettings({ forwardTo: [`${url}x`] })).toThrow(usage);
  });

  it.each([
    ['http://127.0.0.1/', true],
    ['http://localhost:3000/', true],
    ['http://[::1]:3000/', true],
    ['http://127.0.0.1.example.com/', false],
    ['https://api.example.com/', false],
    ['http://0.0.0.0/', false],
    ['http://127.0.0.1\\@example.com/', true],
  ])('%s: loopback %s', (text, loopback) => expect(readTarget(text).loopback).toBe(loopback));

  it('another machine is asked about, with host and amount', async () => {
    const asked: string[] = [];
    const prompt = (answer: boolean) => ({
      ...createPrompt({ canAsk: () => true, signal: new AbortController().signal, output: () => process.stderr }),
      confirm: async (question: string) => {
        asked.push(question);
        return answer;
      },
    });
    const target = readTarget('https://api.example.com:8443/hook');
    const what = async () => '12 requests';
    await confirmTarget({ prompt: prompt(true) }, target, { what });
    const refused = confirmTarget({ prompt: prompt(false) }, target, { what });
    await expect(refused).rejects.toMatchObject({ code: 'INPUT_NEEDED', message: 'Nothing was sent.' });
    expect(asked).toEqual(Array(2).fill('Send 12 requests to api.example.com:8443?'));
    await confirmTarget({ prompt: prompt(false) }, target, { what, yes: true });
    await confirmTarget({ prompt: prompt(false) }, readTarget('http://localhost/'), { what });
    expect(asked.length).toBe(2);
  });
});
