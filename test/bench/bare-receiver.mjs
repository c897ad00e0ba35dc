import { createServer } from 'node:http';

/** The least that a receiver can be: node:http, the body read into one buffer, and an answer. Nothing is verified, parsed or kept. Prints its address. */
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { length } = Buffer.concat(chunks);
    const body = JSON.stringify({ received: length });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`{"url":"http://127.0.0.1:${server.address().port}"}\n`));
