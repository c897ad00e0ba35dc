import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionLimit } from './connection-limit.ts';
import { answerSocket } from './http-answer.ts';

/** What node:http calls the ways in which a request cannot be read (nodejs.org/api/http.html, clientError); all others are malformed. */
const MEANINGS: Readonly<Record<string, readonly [status: number, error: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'too-slow'],
  HPE_HEADER_OVERFLOW: [431, 'headers-too-large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'too-large'],
};

/** Answers what the parser refuses, in JSON like everything else, behind the answers to whole requests that came before on the same connection. */
export function refuseUnparsed(server: Server, connections: ConnectionLimit): void {
  const refused = new WeakSet<Socket>();
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    // The parser goes on to complain about what comes behind.
    if (refused.has(socket)) return;
    refused.add(socket);
    const [status, name] = MEANINGS[error.code ?? ''] ?? [400, 'malformed'];
    // In a moment, when a whole request that came in the same piece is known to be one.
    setImmediate(() => connections.afterAnswers(socket, () => answerSocket(socket, status, name)));
  });
}
