import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import type { LwiError } from '../../src/errors.ts';
import { layered, type Player, replayClient } from '../../src/http/client.ts';
import type { Send } from '../../src/http/http.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { readHar } from '../../src/recording/har-reader.ts';
import { openHarWriter } from '../../src/recording/har-writer.ts';
import { playTape } from '../../src/recording/played-tape.ts';
import { createPlayer } from '../../src/recording/player.ts';
import { createRecorder, type Recorder } from '../../src/recording/recorder.ts';
import { createRedactor } from '../../src/recording/redactor.ts';
import { steppedClock } from '../../src/recording/stepped-clock.ts';
import { acme } from '../http/support.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { START } from '../support/virtual-clock.ts';

/** A real clock that moves by a tenth of a second whenever somebody looks. */
function movingClock(): Clock {
  let time = START;
  return { now: () => (time += 100), sleep: async () => {} };
}

/** A recorder into a fresh file. */
export function recording(secrets: readonly string[] = []): { path: string; recorder: Recorder } {
  const path = join(temporaryDirectory(), 'run.har');
  const head = { version: 1, startedAt: new Date(START).toISOString() } as const;
  const writer = openHarWriter(path, { name: 'lwi', version: '0' }, head);
  const redactor = createRedactor([], () => secrets);
  return { path, recorder: createRecorder({ writer, redactor, time: movingClock(), startedAt: START }) };
}

/** A client that sends over `wire` and is recorded, without any other layer. */
export function recorded({ cassette }: Recorder, wire: Send): Send {
  // In place of `trace`, which counts.
  const count =
    (next: Send): Send =>
    (request, options) => {
      if (options.meter) options.meter.requests += 1;
      return next(request, options);
    };
  return layered(wire, [cassette.call, count, cassette.exchange]);
}

/** A client that answers from a file, and what it answers with. */
export function replayed(path: string, secrets: readonly string[] = [], provider: Provider = acme()) {
  const file = readHar(path);
  const clock = steppedClock(file.run?.startedAt ?? START);
  const stops: LwiError[] = [];
  const tape = playTape(file, (reason) => stops.push(reason));
  const redactor = createRedactor([], () => secrets);
  const player: Player = createPlayer({ recording: file, tape, redactor, clock });
  const parts = { clock, random: () => 0, player, verbosity: 0, log: () => {} };
  return { clock, tape, stops, player, send: replayClient(parts, provider) };
}
