import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAnswerOutput } from '../../commands/api/answer-output.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { openTerminal } from '../../src/terminal.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const ESCAPE = String.fromCharCode(27);

/** An output on a stdout that is, or is not, a terminal, and what came there. */
async function opened(isTTY: boolean, target?: string) {
  const chunks: Buffer[] = [];
  const stdout = { isTTY, columns: 80, write: (chunk: string | Uint8Array) => void chunks.push(Buffer.from(chunk)) };
  const terminal = await openTerminal({
    ...{ stdout, stderr: stdout, environment: {}, json: false, quiet: false, color: false },
  });
  const output = await openAnswerOutput({ terminal, host: { stdout } } as unknown as Context, target);
  return { output, written: () => Buffer.concat(chunks) };
}

describe('an answer on a terminal', () => {
  test.each([
    ['a byte of zero', new Uint8Array([65, 0, 66])],
    ['what is no UTF-8', new Uint8Array([0xff, 0xd8, 0xff, 0xe0])],
  ])('is refused when it is binary: %s', async (_what, body) => {
    const { output, written } = await opened(true);
    let caught: unknown;
    try {
      output.body(body, false);
    } catch (error) {
      caught = error;
    }
    expect(isLwiError(caught, 'USAGE') && [caught.message, caught.hint]).toEqual([
      `The answer is binary (${body.length} bytes) and does not belong on a terminal.`,
      'Write it to a file with -o <file>, or into a pipe.',
    ]);
    expect(written()).toHaveLength(0);
  });

  test('cannot steer it, keeps its tabs and lines, and ends with a line break', async () => {
    const { output, written } = await opened(true);
    output.body(bytes(`{\n\t"name": "Söhne ${ESCAPE}]0;title${ESCAPE}[2J"\r\n}`), false);
    expect(written().toString()).toBe('{\n\t"name": "Söhne ]0;title[2J"\n}\n');
  });

  test('is binary all the same with -o -', async () => {
    const { output, written } = await opened(true, '-');
    output.body(new Uint8Array([65, 0, 255]), false);
    expect([...written()]).toEqual([65, 0, 255]);
  });
});

describe('an answer elsewhere', () => {
  test('goes into a pipe byte for byte; pages end with one line break, and an empty page is none', async () => {
    const { output, written } = await opened(false);
    output.body(new Uint8Array([0, 255, 27]), false);
    for (const page of ['{}', '[]\n', '']) output.body(bytes(page), true);
    expect(written()).toEqual(Buffer.concat([Buffer.from([0, 255, 27]), Buffer.from('{}\n[]\n')]));
  });

  test('has a head with the reason phrase where one came, and nothing secret in it', async () => {
    const { output, written } = await opened(false);
    const headers = { 'content-type': 'application/json', 'set-cookie': 'a=b', etag: `W/"1"${ESCAPE}[2J` };
    output.head({ status: 201, reason: 'Created', headers, body: bytes('') });
    output.head({ status: 404, headers: {}, body: bytes('') });
    expect(written().toString()).toBe(
      'HTTP/1.1 201 Created\ncontent-type: application/json\nset-cookie: [redacted]\netag: W/"1"[2J\n\nHTTP/2 404\n\n',
    );
  });

  test('is in the file when it is done, with nothing on stdout', async () => {
    const file = join(temporaryDirectory(), 'answer.bin');
    const { output, written } = await opened(true, file);
    output.body(new Uint8Array([0, 1, 2]), false);
    output.text('x');
    output.done();
    output.drop();
    expect([[...readFileSync(file)], written().length]).toEqual([[0, 1, 2, 120], 0]);
  });
});
