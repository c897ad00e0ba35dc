import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LARGEST_REPLAYED, readHar } from '../../src/recording/har-reader.ts';
import { openHarWriter } from '../../src/recording/har-writer.ts';
import { call, REQUEST, response, wire } from '../http/support.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { harProblems } from '../support/har-shape.ts';
import { recorded, recording } from './support.ts';

const HEAD = { version: 1, startedAt: '2026-01-05T10:00:00.000Z' } as const;
const open = (path: string) => openHarWriter(path, { name: 'lwi', version: '0' }, HEAD);

describe('the writer', () => {
  it('gives the file its name when it is complete, private to the user; an older one stays until then', async () => {
    const { path, recorder } = recording();
    writeFileSync(path, 'older', { mode: 0o644 });
    await recorded(recorder, wire(response(200)).send)(REQUEST, call());
    expect(readFileSync(path, 'utf8')).toBe('older');
    const [partial = ''] = readdirSync(dirname(path)).filter((name) => name.endsWith('.partial'));
    expect(statSync(join(dirname(path), partial)).mode & 0o777).toBe(0o600);
    recorder.finish();
    expect(readdirSync(dirname(path))).toEqual(['run.har']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(harProblems(JSON.parse(readFileSync(path, 'utf8')))).toEqual([]);
  });

  it('keeps nothing of an exchange once it is written', async () => {
    const { path, recorder } = recording();
    const partial = () => readdirSync(dirname(path)).map((name) => statSync(join(dirname(path), name)).size);
    const send = recorded(recorder, wire(response(200, 'x'.repeat(10_000))).send);
    for (const size of [10_000, 20_000, 30_000]) {
      await send(REQUEST, call());
      expect(partial()[0]).toBeGreaterThan(size);
    }
    recorder.finish();
  });

  it.each([
    ['no name', () => ''],
    ['a directory', () => temporaryDirectory()],
    ['a directory that is not there', () => join(temporaryDirectory(), 'nowhere', 'a.har')],
  ])('refuses %s before anything is sent', (_, path) => {
    expect(() => open(path())).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('says at the end what could not be written, and leaves no file', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'a.har');
    const writer = open(path);
    // The name is taken meanwhile, by what no file can replace.
    mkdirSync(path);
    expect(() => writer.finish({ after: [] })).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(readdirSync(directory)).toEqual(['a.har']);
  });
});

const ENTRY = {
  startedDateTime: '2026-01-05T10:00:00.000Z',
  time: 1,
  request: { method: 'GET', url: 'https://x.example/' },
  response: { status: 200, content: {} },
};
const log = (members: object) => JSON.stringify({ log: { entries: [ENTRY], ...members } });
const entry = (change: object) => log({ entries: [ENTRY, { ...ENTRY, ...change }] });

describe('the reader', () => {
  it.each([
    ['', /^FILE: line 1, column 1: expected a value$/],
    ['{"log":{"entries":[', /^FILE: line 1, column 20: expected a value or \]$/],
    ['[]', /log\.entries is missing/],
    ['{"log":{"entries":{}}}', /log\.entries is missing/],
    [log({ entries: [1] }), /log\.entries\[0\]\.startedDateTime is missing/],
    [entry({ startedDateTime: 'yesterday' }), /log\.entries\[1\]\.startedDateTime/],
    [entry({ request: { url: 'https://x.example' } }), /log\.entries\[1\]\.request\.method/],
    [entry({ request: { method: 'GET' } }), /log\.entries\[1\]\.request\.url/],
    [entry({ response: {} }), /log\.entries\[1\]\.response\.status/],
    [entry({ response: { status: 200 } }), /log\.entries\[1\]\.response\.content/],
    [entry({ response: { status: 0 }, _lwi: { error: {} } }), /log\.entries\[1\]\._lwi\.error is no error of lwi/],
    [log({ _lwi: { version: 2 } }), /another version of lwi/],
    [log({ _lwi: { version: 1 } }), /log\._lwi\.startedAt is no time/],
    [log({ _lwi: HEAD, _lwiEnd: { after: [{}] } }), /has no question/],
    [log({ _lwi: HEAD, _lwiEnd: { stopped: {} } }), /log\._lwiEnd\.stopped is no error/],
  ])('refuses %s with its place', (text, message) => {
    const path = join(temporaryDirectory(), 'a.har');
    writeFileSync(path, text);
    let thrown: unknown;
    try {
      readHar(path);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'INPUT_INVALID' });
    expect((thrown as Error).message.replace(path, 'FILE')).toMatch(message);
  });

  it('refuses what is no file it can read, and does not wait for a pipe', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'closed.har');
    writeFileSync(path, log({}));
    expect(readHar(path).exchanges).toHaveLength(1);
    const large = join(directory, 'large.har');
    writeFileSync(large, '');
    truncateSync(large, LARGEST_REPLAYED + 1);
    for (const where of [large, directory, join(directory, 'nowhere.har'), '/dev/zero'])
      expect(() => readHar(where)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
