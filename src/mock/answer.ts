const encoder = new TextEncoder();

/** A response with a body of known length. */
export function textAnswer(
  text: string,
  contentType: string,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  const body = encoder.encode(text);
  return new Response(body, {
    status,
    headers: { 'content-type': contentType, 'content-length': String(body.byteLength), ...headers },
  });
}

/** A JSON response of known length. */
export function jsonAnswer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return textAnswer(JSON.stringify(body), 'application/json; charset=utf-8', status, headers);
}

/** An answer of a token endpoint: never to be cached (RFC 6749, 5.1). */
export function tokenAnswer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return jsonAnswer(body, status, { 'cache-control': 'no-store', pragma: 'no-cache', ...headers });
}

/** HTML where JSON was asked for: with 200 the page of a captive portal, else that of a gateway when what is behind it is down. */
export function htmlPage(status: number): Response {
  const title = status === 200 ? 'Sign in to the network' : `${status} Bad Gateway`;
  const html =
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return textAnswer(html, 'text/html', status);
}

/** `head`, the items as JSON separated by commas, `tail`: written while it is read, so that no list is ever held whole. */
export function streamedAnswer(head: string, items: Iterable<unknown>, tail: string): Response {
  const iterator = items[Symbol.iterator]();
  let first = true;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    pull(controller) {
      let text = '';
      // Some 64 KB at a time: a chunk for each item would cost more than the item.
      while (text.length < 65_536) {
        const item = iterator.next();
        if (item.done) {
          controller.enqueue(encoder.encode(text + tail));
          return controller.close();
        }
        text += `${first ? '' : ','}${JSON.stringify(item.value)}`;
        first = false;
      }
      controller.enqueue(encoder.encode(text));
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json; charset=utf-8' } });
}

/** The same answer, broken off after half of its bytes: although its length says more, or (`chunked`) without the chunk that ends it. */
export async function truncated(answer: Response, chunked: boolean): Promise<Response> {
  const whole = new Uint8Array(await answer.arrayBuffer());
  const half = whole.subarray(0, Math.floor(whole.byteLength / 2));
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent || half.byteLength === 0) return controller.error(new TypeError('terminated'));
      sent = true;
      controller.enqueue(half);
    },
  });
  const headers = new Headers(answer.headers);
  if (chunked) headers.delete('content-length');
  else headers.set('content-length', String(whole.byteLength));
  return new Response(body, { status: answer.status, headers });
}

/** Pieces that a slow body comes in. */
const PIECES = 10;

/** The same answer with a body that comes in pieces: the first at once, the last after `ms`. `sleep` waits; when it rejects, the body breaks off. */
export async function dribbled(answer: Response, ms: number, sleep: (ms: number) => Promise<void>): Promise<Response> {
  const whole = new Uint8Array(await answer.arrayBuffer());
  const size = Math.max(1, Math.ceil(whole.byteLength / PIECES));
  const pauses = Math.max(1, Math.ceil(whole.byteLength / size) - 1);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent > 0) await sleep(ms / pauses);
      controller.enqueue(whole.subarray(sent, sent + size));
      sent += size;
      if (sent >= whole.byteLength) controller.close();
    },
  });
  return new Response(whole.byteLength === 0 ? null : body, { status: answer.status, headers: answer.headers });
}
