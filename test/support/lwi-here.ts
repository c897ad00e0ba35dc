import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { main } from '../../commands/main.ts';
import type { Output } from '../../src/output.ts';
import { listenTo, type Ran, type Running, type RunOptions } from './lwi.ts';

/**
 * Runs a command line in the process of the test: all of lwi but its bundle and its start, for a tenth of the time. For what a test needs before its
 * subject begins; what a test is about runs as a process of its own.
 */
export function startHere(
  words: readonly string[],
  { env, stdin }: Pick<RunOptions, 'env' | 'stdin'>,
): Pick<Running, 'ended' | 'said'> {
  const { add, output, said } = listenTo(words);
  const { execPath, pid, platform, versions } = process;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const self = Object.assign(new EventEmitter(), {
    ...{ argv: [execPath, 'lwi', ...words], env: given, execPath, execArgv: [], pid, platform, versions },
    geteuid: process.geteuid?.bind(process),
    stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
  });
  const outputs = {
    stdout: captured((text) => add('stdout', text)),
    stderr: captured((text) => add('stderr', text)),
  };
  const ended = main(self as unknown as NodeJS.Process, outputs).then((code): Ran => ({ code, ...output }));
  ended.catch(() => {});
  return { ended, said: said(ended) };
}

function captured(write: (text: string) => void): Output {
  return {
    ...{ isTTY: false, columns: undefined, gone: false },
    write: (chunk) => write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()),
    inBackground: () => ({ flush: async () => true, end: () => {} }),
    stream: () => {
      throw new Error('There is no terminal.');
    },
  };
}
