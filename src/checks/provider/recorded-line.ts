import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiRequest } from '../../http/api-request.ts';
import { replayClient } from '../../http/client.ts';
import type { HttpResponse, Send } from '../../http/http.ts';
import { openAccessToken, openRefreshToken } from '../../oauth/sealed-token.ts';
import { readHar } from '../../recording/har-reader.ts';
import { openHarWriter } from '../../recording/har-writer.ts';
import { playTape } from '../../recording/played-tape.ts';
import { createPlayer } from '../../recording/player.ts';
import { createRecorder } from '../../recording/recorder.ts';
import { createRedactor, type Redactor } from '../../recording/redactor.ts';
import { steppedClock } from '../../recording/stepped-clock.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { pass } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand } from './demand.ts';
import { connect } from './grants.ts';
import { goodReads, readingLine } from './reads.ts';

/** So many different reads are recorded at most. */
const MOST_READS = 3;

/** Records reads into an HTTP archive, and answers them from it without a network. */
export const recorded = readingLine({
  name: 'recording',
  about: '`redact`: the forms of its tokens',
  async run(bench, row) {
    const { provider, standIn, clock, home, vault } = bench;
    const reads = (await goodReads(bench)).slice(0, MOST_READS);
    const requests = reads.map((read) => read.of(row, clock.now()));
    const redactor = createRedactor(provider.redact);
    const path = join(home, 'check.har');
    const live = await record(bench, path, redactor, (send) => sendAll(bench, send, row, requests));
    const text = await readFile(path, 'utf8');
    for (const token of [await openAccessToken(vault, row), await openRefreshToken(vault, row)])
      demand(!token || !text.includes(token.reveal()), 'a token stands in the recording');
    const sent = standIn.seen.length;
    const again = await sendAll(bench, player(bench, path, redactor), row, requests);
    demand(standIn.seen.length === sent, 'the replay has sent a request');
    const plain = (all: readonly HttpResponse[]) =>
      all.map(({ status, body }) => `${status} ${Buffer.from(redactor.bytes(body)).toString('base64')}`).join();
    demand(plain(again) === plain(live), 'the replay gives another result than the recorded run');
    const marked = await markedTokens(bench);
    const bare = createRedactor(provider.redact, () => []);
    const shown = !bench.subject.ofTheUser && marked.some((token) => bare.text(`it was ${token} here`).includes(token));
    // What its tokens begin with is not quoted: reports of checks take it for a token, and redact it.
    demand(!shown, `a token of ${provider.title} that lwi does not know would stand in a recording`);
    const known = marked.length > 0 && !bench.subject.ofTheUser;
    return pass(
      `${reads.map(({ name }) => name).join(', ')}: ${live.length} exchanges, ${Buffer.byteLength(text)} bytes, replayed without a request and with the same result; no token in the file${known ? `, nor anything that looks like a token of ${provider.title}` : ''}`,
    );
  },
});

async function sendAll(
  bench: Bench,
  send: Send,
  row: ConnectionRow,
  requests: readonly ApiRequest[],
): Promise<HttpResponse[]> {
  const responses: HttpResponse[] = [];
  for (const request of requests) responses.push(await send(bench.request(row, request), bench.call(row, request)));
  return responses;
}

async function record<T>(bench: Bench, path: string, redactor: Redactor, work: (send: Send) => Promise<T>): Promise<T> {
  const startedAt = bench.clock.now();
  const head = { version: 1, startedAt: new Date(startedAt).toISOString() } as const;
  const writer = openHarWriter(path, { name: 'lwi', version: 'provider check' }, head);
  const recorder = createRecorder({ writer, redactor, time: bench.clock, startedAt });
  try {
    return await work(bench.api({ cassette: recorder.cassette }));
  } finally {
    recorder.finish();
  }
}

function player({ provider, clock }: Bench, path: string, redactor: Redactor): Send {
  const recording = readHar(path);
  const stepped = steppedClock(recording.run?.startedAt ?? clock.now());
  const tape = playTape(recording, () => {});
  const parts = { clock: stepped, random: () => 0, verbosity: 0, log: () => {} };
  return replayClient({ ...parts, player: createPlayer({ recording, tape, redactor, clock: stepped }) }, provider);
}

/** Shorter beginnings that two tokens share are chance. */
const SHORTEST_MARK = 4;

/** Tokens of this provider that show what they are: two of them begin alike. */
async function markedTokens(bench: Bench): Promise<readonly string[]> {
  await connect(bench, { account: 'south' });
  const given = bench.standIn.seen.filter(({ kind }) => kind === 'oauth').map(({ answer }) => answer.text);
  return ['access_token', 'refresh_token'].flatMap((member) => {
    const [one = '', two = ''] = given.flatMap(
      (text) => new RegExp(`"${member}"\\s*:\\s*"([^"]+)"`).exec(text)?.[1] ?? [],
    );
    const common = [...one].findIndex((letter, at) => letter !== two[at]);
    return one !== two && common >= SHORTEST_MARK ? [one] : [];
  });
}
