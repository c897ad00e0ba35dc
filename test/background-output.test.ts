import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type BackgroundOptions, backgroundOutput } from '../src/background-output.ts';
import { systemClock } from '../src/clock.ts';
import { temporaryDirectory } from './store/temporary-directory.ts';

const bytes = (text: string) => Buffer.from(text);

function behind(fd: number, change: Partial<BackgroundOptions> = {}) {
  let gone = 0;
  const output = backgroundOutput({
    ...{ fd, clock: systemClock, most: 1000, leftOut: (count) => `[${count} left out]\n` },
    gone: () => {
      gone += 1;
    },
    ...change,
  });
  return { output, gone: () => gone };
}

test('everything is written, in order', async () => {
  const file = join(temporaryDirectory(), 'out');
  const fd = openSync(file, 'w');
  const { output } = behind(fd);
  for (let line = 0; line < 50; line++) output.write(bytes(`${line}\n`));
  expect(await output.flush(5000)).toBe(true);
  closeSync(fd);
  expect(readFileSync(file, 'utf8')).toBe(Array.from({ length: 50 }, (_, line) => `${line}\n`).join(''));
});

test('nobody waits for a pipe that is not read; what does not fit is left out, and that is said once it is read again', async () => {
  const fifo = join(temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = await open(fifo, 'r+');
  onTestFinished(() => reader.close());
  const writer = openSync(fifo, 'w');
  const { output } = behind(writer, { most: 100_000 });
  const line = bytes(`x\ny\n${'x'.repeat(9_995)}\n`);
  // A pipe takes 64 KiB; ten chunks may wait.
  for (let count = 0; count < 30; count++) {
    output.write(line);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await output.flush(50)).toBe(false);
  const read = Buffer.alloc(1_000_000);
  let size = 0;
  const all = output.flush(10_000);
  while (!read.subarray(0, size).includes('left out]')) size += (await reader.read(read, size)).bytesRead;
  expect(await all).toBe(true);
  closeSync(writer);
  const text = read.subarray(0, size).toString();
  const [, left = '0'] = /\[(\d+) left out\]\n$/.exec(text) ?? [];
  expect(text.match(/[xy]\n/g)?.length).toBe(3 * 30 - Number(left));
  expect(Number(left)).toBeGreaterThan(15);
});

test('a reader that has gone is told of once, and what comes then goes nowhere', async () => {
  const fifo = join(temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, 'r+');
  const writer = openSync(fifo, 'w');
  closeSync(reader);
  const { output, gone } = behind(writer);
  output.write(bytes('one\n'));
  expect(await output.flush(5000)).toBe(true);
  output.write(bytes('two\n'));
  expect(await output.flush(5000)).toBe(true);
  closeSync(writer);
  expect(gone()).toBe(1);
});
