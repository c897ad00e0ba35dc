import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** Headers in one list, name and value in turns. */
type FlatHeaders = readonly string[];

const JSON_TYPE = 'application/json';

/** Answers a request in one go. */
export function answerText(
  outgoing: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: FlatHeaders = [],
): void {
  if (outgoing.headersSent) return;
  outgoing.writeHead(status, headOf(type, text, headers)).end(text);
}

export function answerJson(outgoing: ServerResponse, status: number, body: object, headers: FlatHeaders = []): void {
  answerText(outgoing, status, JSON_TYPE, JSON.stringify(body), headers);
}

/**
 * Answers a request whose body is not wanted. The answer goes out at once and whole; the connection stays until the sender has sent what it has, or its time is
 * over: closed earlier, the system of the sender would throw the answer away (RFC 9112, 9.6).
 */
export function answerUnread(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  body: object,
  headers: FlatHeaders = [],
): void {
  if (outgoing.headersSent) return;
  const text = JSON.stringify(body);
  outgoing.writeHead(status, headOf(JSON_TYPE, text, [...headers, 'connection', 'close']));
  outgoing.write(text);
  incoming.resume();
  if (incoming.readableEnded) outgoing.end();
  else incoming.once('close', () => outgoing.end()).once('end', () => outgoing.end());
}

/** Answers what could not be read as HTTP, and hangs up. */
export function answerSocket(socket: Socket, status: number, error: string): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ error });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}

function headOf(type: string, text: string, headers: FlatHeaders): string[] {
  return ['content-type', type, 'content-length', String(Buffer.byteLength(text)), ...headers];
}
