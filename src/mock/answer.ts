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

/** The page that a gateway shows when what is behind it is down: HTML where JSON was asked for. */
export function gatewayPage(status = 502): Response {
  const html =
    `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body>\r\n` +
    `<center><h1>${status} Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
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

/** The same answer, broken off after half of its bytes although its length says more. */
export async function truncated(answer: Response): Promise<Response> {
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
  headers.set('content-length', String(whole.byteLength));
  return new Response(body, { status: answer.status, headers });
}
