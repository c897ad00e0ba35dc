import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import type { Capture } from '../../src/webhooks/capture.ts';
import { captureReader, type Found } from '../../src/webhooks/capture-reader.ts';
import { headerBag } from './header-lines.ts';
import { filePieces, inputFiles } from './input-files.ts';
import { inputChunks, readInput } from './read-input.ts';

/**
 * Is given each input; an error says why it cannot be verified. What it returns is waited for; after that the next input may be read into the memory in which
 * this one's body lies, so that a body that is kept must be copied.
 */
export type Take = (input: string, capture: Capture | LwiError) => Promise<void> | undefined;

/** After so many inputs signals are looked at; between them nothing waits, because a promise takes longer than a small file. */
const INPUTS_AT_ONCE = 256;
/** Nearly every delivery is smaller, bytes. */
const SMALL_FILE = 128 * 1024;

/**
 * Gives every input in order: the body with its headers, or each capture of files, directories and stdin. `input` is the name of the file, or `-`, with
 * `:line` behind it for JSON lines. Throws INPUT_INVALID for what cannot be opened; what cannot be understood is given as its error.
 */
export async function readWebhookInputs(
  context: Pick<Context, 'host' | 'signal'>,
  options: { readonly body?: string; readonly header: readonly string[] },
  names: readonly string[],
  take: Take,
): Promise<void> {
  if (options.body !== undefined) {
    const body = await readInput(context, options.body);
    return take(options.body, { method: 'POST', path: '/', headers: headerBag(options.header), body });
  }
  const memory = Buffer.allocUnsafeSlow(SMALL_FILE);
  let given = 0;
  const give = (name: string, { capture, line }: Found): Promise<void> | undefined => {
    const waiting = take(line === undefined ? name : `${name}:${line}`, capture);
    given += 1;
    return given % INPUTS_AT_ONCE === 0 ? breathe(context.signal, waiting) : waiting;
  };
  for (const name of names) {
    for (const file of inputFiles(name)) {
      const reader = captureReader(/\.(?:jsonl|ndjson)$/i.test(file.name));
      if (file.plain) {
        for (const found of foundIn(filePieces(file.name, memory), reader)) {
          const waiting = give(file.name, found);
          if (waiting) await waiting;
        }
        continue;
      }
      for await (const chunk of inputChunks(context, file.name)) {
        for (const found of reader.push(chunk)) await give(file.name, found);
      }
      for (const found of reader.end()) await give(file.name, found);
    }
  }
}

function* foundIn(pieces: Iterable<Uint8Array>, reader: ReturnType<typeof captureReader>): Iterable<Found> {
  for (const piece of pieces) yield* reader.push(piece);
  yield* reader.end();
}

async function breathe(signal: AbortSignal, waiting: Promise<void> | undefined): Promise<void> {
  await waiting;
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
