import { LwiError } from '../errors.ts';
import { CAPTURE_LIMIT, type Capture, readCapture, withoutByteOrderMark } from './capture.ts';
import { readFixture } from './fixture.ts';
import { malformedInput } from './malformed-input.ts';

/** What one input or one line of it holds; an error is INPUT_INVALID and says why nothing can be verified. */
export interface Found {
  readonly capture: Capture | LwiError;
  /** Counted from 1; absent: the whole input is one capture. */
  readonly line?: number;
}

/** Takes the bytes of one input as they come. What is found is found when it is asked for, so that memory holds one capture at a time. */
export interface CaptureReader {
  /** The chunk must stay as it is until its captures are done with, and what is behind its last line until the next chunk's are. */
  push(chunk: Uint8Array): Iterable<Found>;
  /** Must be called once at the end. */
  end(): Iterable<Found>;
}

const LF = 0x0a;
const OPENING_BRACE = 0x7b;
const NOTHING = new Uint8Array(0);

/**
 * Reads an input that is one capture (see `readCapture`), or JSON lines: a fixture on each. `lines` says so beforehand; else an input is JSON lines when its
 * first two lines that are not blank begin with a brace, or the first is JSON by itself and more follows.
 */
export function captureReader(lines: boolean): CaptureReader {
  let form: 'lines' | 'one' | undefined = lines ? 'lines' : undefined;
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  let any = false;
  /** The rest of a line or capture that is too long is dropped as it comes. */
  let dropping = false;

  function hold(bytes: Uint8Array): void {
    length += bytes.length;
    dropping ||= length > CAPTURE_LIMIT;
    if (dropping) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  }

  /** All that is held, in one. */
  function held(): Uint8Array {
    const [first = NOTHING, ...more] = parts;
    if (more.length > 0) parts = [Buffer.concat(parts, length)];
    return parts[0] ?? first;
  }

  function letGo(): Uint8Array {
    const bytes = held();
    [parts, length] = [[], 0];
    return bytes;
  }

  function* cut(chunk: Uint8Array): Iterable<Found> {
    let at = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, at)) {
      hold(chunk.subarray(at, end));
      at = end + 1;
      yield* line();
    }
    hold(chunk.subarray(at));
  }

  function* line(): Iterable<Found> {
    number += 1;
    const bytes = number === 1 ? withoutByteOrderMark(letGo()) : letGo();
    const long = dropping;
    dropping = false;
    const first = firstVisible(bytes, 0);
    if (first === -1 && !long) return;
    any = true;
    yield {
      line: number,
      capture: attempt(() => {
        if (long) throw malformedInput(`a line larger than ${CAPTURE_LIMIT} bytes`);
        if (bytes[first] !== OPENING_BRACE) throw malformedInput('the line is no JSON object');
        return readFixture(bytes);
      }),
    };
  }

  return {
    *push(chunk) {
      if (form === 'lines') return yield* cut(chunk);
      hold(chunk);
      // Without a line break nothing more is to be told than before.
      if (form === undefined && chunk.includes(LF)) form = isJsonLines(held(), false);
      if (form === 'lines') yield* cut(letGo());
    },
    *end() {
      form ??= isJsonLines(held(), true);
      if (form === 'lines') {
        yield* cut(letGo());
        if (length > 0 || dropping) yield* line();
        if (!any) yield { capture: malformedInput('empty') };
        return;
      }
      yield {
        capture: dropping ? malformedInput(`larger than ${CAPTURE_LIMIT} bytes`) : attempt(() => readCapture(held())),
      };
    },
  };
}

function attempt(read: () => Capture): Capture | LwiError {
  try {
    return read();
  } catch (error) {
    if (error instanceof LwiError && error.code === 'INPUT_INVALID') return error;
    throw error;
  }
}

/** Undefined: not to be told before more has come. */
function isJsonLines(bytes: Uint8Array, ended: boolean): 'lines' | 'one' | undefined {
  const unknown = ended ? 'one' : undefined;
  const content = withoutByteOrderMark(bytes);
  const first = firstVisible(content, 0);
  if (first === -1 || (bytes.length < 3 && bytes[0] === 0xef)) return unknown;
  if (content[first] !== OPENING_BRACE) return 'one';
  const end = content.indexOf(LF, first);
  const next = end === -1 ? -1 : firstVisible(content, end);
  if (next === -1) return unknown;
  return content[next] === OPENING_BRACE || isJson(content.subarray(first, end)) ? 'lines' : 'one';
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}

function firstVisible(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) if ((bytes[at] ?? 0) > 0x20) return at;
  return -1;
}
