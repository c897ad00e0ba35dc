import { createHmac, createSecretKey } from 'node:crypto';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Senders of webhooks, in a process of their own: Slack events of 0.8 kB, each with an id of its own, signed before the clock starts and sent as they are over
 * 64 connections, one request at a time on each. Reads a job a line, `{url, first, count, seconds}`, and answers each with a line: `{sent, taken, other, seconds,
 * p50, p99, longest}`, `taken` being the ids (as numbers) that were answered with 200, and `other` how often each other status came.
 */
const CONNECTIONS = 64;
const BODY_BYTES = 800;
const secret = createSecretKey(process.env.LWI_SLACK_WEBHOOK_SECRET, 'utf8');

const idOf = (number) => `Ev${String(number).padStart(10, '0')}`;

/** All requests in one buffer; each has the same length. */
function requests(first, count, host) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const one = (number) => {
    const event = { type: 'message', channel: 'C0123456789', user: 'U0123456789', ts: `${timestamp}.000100`, text: '' };
    const wrapper = {
      ...{ token: 'x'.repeat(24), team_id: 'T0123456789', api_app_id: 'A0123456789', event, type: 'event_callback' },
      ...{
        event_id: idOf(number),
        event_time: Number(timestamp),
        authorizations: [{ team_id: 'T0123456789', is_bot: true }],
      },
    };
    event.text = 'Load 4711 is late at the dock. '.repeat(40).slice(0, BODY_BYTES - JSON.stringify(wrapper).length);
    const body = JSON.stringify(wrapper);
    const mac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    const head = [
      ...['POST /webhooks/slack HTTP/1.1', `Host: ${host}`, 'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)'],
      ...['Accept: */*', 'Accept-Encoding: gzip,deflate', 'Content-Type: application/json'],
      ...[`X-Slack-Request-Timestamp: ${timestamp}`, `X-Slack-Signature: v0=${mac}`, `Content-Length: ${body.length}`],
    ];
    return `${head.join('\r\n')}\r\n\r\n${body}`;
  };
  const { length } = one(first);
  const all = Buffer.allocUnsafe(length * count);
  for (let at = 0; at < count; at++) all.latin1Write(one(first + at), at * length, length);
  return (at) => all.subarray(at * length, (at + 1) * length);
}

/** Length of an answer that has come whole, with its status; undefined: more is to come. */
function answerIn(bytes) {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const text = bytes.latin1Slice(0, head);
  const length = head + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return bytes.length < length
    ? undefined
    : { status: Number(text.slice(9, 12)), length, closes: /\r\nconnection: close/i.test(text) };
}

async function run({ url, first, count, seconds }) {
  const { port, host } = new URL(url);
  const request = requests(first, count, host);
  const latencies = [];
  const taken = [];
  const other = {};
  let next = 0;
  const started = performance.now();
  const end = started + seconds * 1000;
  const sender = () =>
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      let number = 0;
      let at = 0;
      let rest;
      let awaited = false;
      const send = () => {
        if (next >= count || performance.now() >= end) return void socket.end();
        number = next++;
        at = performance.now();
        awaited = true;
        socket.write(request(number));
      };
      socket.setNoDelay(true);
      socket.on('connect', send);
      socket.on('data', (chunk) => {
        rest = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
        const answer = answerIn(rest);
        if (!answer) return;
        rest = undefined;
        awaited = false;
        latencies.push(performance.now() - at);
        if (answer.status === 200) taken.push(first + number);
        else other[answer.status] = (other[answer.status] ?? 0) + 1;
        if (answer.closes) socket.end();
        else send();
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        if (awaited) other.cut = (other.cut ?? 0) + 1;
        resolve();
      });
    });
  const line = async () => {
    // Who is cut off or refused comes again, as senders do.
    while (next < count && performance.now() < end) await sender();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, line));
  const took = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))];
  return {
    sent: next,
    taken,
    other,
    seconds: took,
    p50: quantile(0.5),
    p99: quantile(0.99),
    longest: latencies.at(-1),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
