import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** A request as it came. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  /** Names as spelled, with their values, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The value of the first header of that name, in whatever spelling. */
  header(name: string): string | undefined;
}

/** Answers a request: with a status alone, or by itself. */
type Answers = (arrived: Arrived, outgoing: ServerResponse, count: number) => number | undefined;

/** Where events are forwarded to, in this process. */
export interface Target {
  /** With a path and a query. */
  readonly url: string;
  readonly port: number;
  /** Everything that came, whatever was answered, oldest first. */
  readonly arrived: Arrived[];
  /** How it answers from now on. */
  answer(answers: Answers): void;
  /** Ids of the events that came, in order. */
  ids(): (string | undefined)[];
}

/** Listens on 127.0.0.1 until the test ends, on `port` or a free one. Answers 200 unless told otherwise. */
export async function openTarget(answers: Answers = () => 200, port = 0): Promise<Target> {
  const arrived: Arrived[] = [];
  let current = answers;
  const server = createServer((incoming, outgoing) => {
    void read(incoming).then((one) => {
      arrived.push(one);
      const status = current(one, outgoing, arrived.length);
      if (typeof status === 'number') outgoing.writeHead(status, { 'content-length': '0' }).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${bound}/hooks?tenant=1`,
    port: bound,
    arrived,
    answer: (next) => {
      current = next;
    },
    ids: () => arrived.map((one) => one.header('x-lwi-event-id')),
  };
}

async function read(incoming: IncomingMessage): Promise<Arrived> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { rawHeaders, method = '', url = '' } = incoming;
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  const header = (name: string) => headers.find(([spelled]) => spelled.toLowerCase() === name)?.[1];
  return { method, path: url, headers, body: Buffer.concat(chunks), header };
}
