import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LwiError } from '../src/errors.ts';
import { openTerminal, type TerminalOptions } from '../src/terminal.ts';

/** A stream that keeps what was written. */
function sink(isTTY = false, columns = 80) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns }), text: () => written.join('') };
}

async function terminal(options: Partial<TerminalOptions> & { tty?: boolean } = {}) {
  const { tty = false, ...rest } = options;
  const stdout = sink(tty, 100);
  const stderr = sink(tty);
  const opened = await openTerminal({
    ...{ stdout: stdout.stream, stderr: stderr.stream, environment: {}, json: false, quiet: false, color: true },
    ...rest,
  });
  return { terminal: opened, out: stdout.text, err: stderr.text };
}

const SECRET = 'Bearer abcdefghij0123456789';
const ERROR = new LwiError('NETWORK', `No answer (${SECRET})`, {
  provider: 'slack',
  requestId: 'r-1',
  cause: new Error('the cause'),
});

describe('the terminal', () => {
  it('writes results to stdout and everything else to stderr', async () => {
    const { terminal: t, out, err } = await terminal();
    t.out('one', 'two');
    t.raw('raw');
    t.document({ a: 1 });
    t.info('info');
    t.say('say');
    t.warn('warn');
    t.trace('trace');
    t.error(new LwiError('USAGE', 'wrong'), false);
    expect(out()).toBe('one\ntwo\nraw{"a":1}\n');
    expect(err()).toBe('info\nsay\nwarning: warn\ntrace\nerror: wrong\nnext:  Run the command with --help. (USAGE)\n');
  });

  it('is quiet when asked to be, but for what the person needs to know', async () => {
    const { terminal: t, err } = await terminal({ quiet: true });
    t.info('info');
    t.say('say');
    t.warn('warn');
    expect(err()).toBe('say\nwarning: warn\n');
  });

  it('shows an error with what to do next, and without secrets', async () => {
    const { terminal: t, err } = await terminal();
    t.error(ERROR, false);
    expect(err()).toBe(
      'error: No answer ([redacted])\nnext:  Check the network and run the command again. (NETWORK, request r-1)\n',
    );
  });

  it('shows stacks and causes only when asked to, and without secrets', async () => {
    const { terminal: t, err } = await terminal();
    t.error(ERROR, true);
    expect(err()).toContain('caused by Error: the cause');
    expect(err()).not.toContain('abcdefghij');
  });

  it('writes an error as one JSON line under --json', async () => {
    const { terminal: t, err } = await terminal({ json: true });
    t.error(ERROR, true);
    t.warn(`look: ${SECRET}`);
    const lines = err().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        error: {
          code: 'NETWORK',
          message: 'No answer ([redacted])',
          hint: 'Check the network and run the command again.',
          provider: 'slack',
          requestId: 'r-1',
          retryable: true,
        },
      },
      { warning: 'look: [redacted]' },
    ]);
  });

  it('shows no control characters of whoever wrote the text', async () => {
    const { terminal: t, out, err } = await terminal();
    t.out('Acme\u001b]0;title\u0007 Freight');
    t.warn('a\u001b[2Jb');
    const controls = [...out(), ...err()].filter((letter) => /\p{Control}/u.test(letter));
    expect(controls).toEqual(['\n', '\n']);
  });

  it('knows its width, and takes 80 where there is no terminal', async () => {
    expect((await terminal()).terminal.width).toBe(100);
    const { stream } = sink();
    const piped = Object.assign(stream, { columns: undefined as unknown as number });
    expect((await terminal({ stdout: piped })).terminal.width).toBe(80);
    expect((await terminal({ stdout: piped })).terminal.tableWidth).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('colour', () => {
  const coloured = async (options: Parameters<typeof terminal>[0]) =>
    (await terminal(options)).terminal.style.good('x') !== 'x';

  it.each<[string, boolean, Parameters<typeof terminal>[0]]>([
    ['on a terminal', true, { tty: true }],
    ['not in a pipe', false, {}],
    ['not with NO_COLOR', false, { tty: true, environment: { NO_COLOR: '1' } }],
    ['with an empty NO_COLOR, which is none', true, { tty: true, environment: { NO_COLOR: '' } }],
    ['not with --no-color', false, { tty: true, color: false }],
    ['not on a dumb terminal', false, { tty: true, environment: { TERM: 'dumb' } }],
    ['in a pipe with FORCE_COLOR', true, { environment: { FORCE_COLOR: '1' } }],
    ['not with FORCE_COLOR=0', false, { tty: true, environment: { FORCE_COLOR: '0' } }],
    ['not with both NO_COLOR and FORCE_COLOR', false, { environment: { NO_COLOR: '1', FORCE_COLOR: '1' } }],
  ])('%s', async (_name, expected, options) => expect(await coloured(options)).toBe(expected));
});

describe('moving progress', () => {
  it.each<[string, boolean, Parameters<typeof terminal>[0]]>([
    ['on a terminal', true, { tty: true }],
    ['not where nobody knows its width', false, { tty: true, stderr: { isTTY: true, columns: undefined, write() {} } }],
    ['not in a pipe', false, {}],
    ['not in CI', false, { tty: true, environment: { CI: 'true' } }],
    ['not under --quiet', false, { tty: true, quiet: true }],
    ['not under --json', false, { tty: true, json: true }],
    ['not on a dumb terminal', false, { tty: true, environment: { TERM: 'dumb' } }],
  ])('%s', async (_name, expected, options) => expect((await terminal(options)).terminal.lively).toBe(expected));
});
