import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A connection that sends bytes as they are. */
export interface RawConnection {
  readonly socket: Socket;
  /** All that came, once the other side has closed. */
  readonly ended: Promise<string>;
  /** Resolves when what has come matches. */
  came(pattern: RegExp): Promise<string>;
}

/** Connects to the server at `url`, and cuts the connection when the test ends. */
export function rawConnection(url: string): RawConnection {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  let text = '';
  const looks = new Set<() => void>();
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (const look of looks) look();
  });
  const ended = new Promise<string>((resolve) => void socket.on('close', () => resolve(text)));
  const came = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => pattern.test(text) && resolve(text);
      looks.add(look);
      look();
      void ended.then(() => reject(new Error(`closed before ${pattern}: ${text}`)));
    });
  return { socket, ended, came };
}

/** Sends all of it, and gives what comes until the other side closes. */
export function rawRequest(url: string, ...parts: (string | Buffer)[]): Promise<string> {
  const { socket, ended } = rawConnection(url);
  for (const part of parts) socket.write(part);
  return ended;
}
