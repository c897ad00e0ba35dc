import { DEFAULT_CIRCUIT } from '../../http/circuit-breaker.ts';
import { isRetryable, STATUS_ROWS } from '../../http/taxonomy.ts';
import { openAccessToken } from '../../oauth/sealed-token.ts';
import { formatSpan } from '../../span.ts';
import { pass } from '../check.ts';
import { demand, failureOf, given } from './demand.ts';
import type { Line } from './line.ts';
import { alwaysThis } from './protocol-at.ts';
import { ask, readingLine, withoutLimits } from './reads.ts';
import { unauthorized } from './unauthorized-line.ts';

/** One try, so that what is seen is what the provider said. */
const ONCE = { policy: { attempts: 1 } };

const unified = readingLine({
  name: 'unified-error',
  about: '`classify`, `api.requestIdHeader` and `redact`',
  async run(bench, row, read) {
    const { provider, standIn } = bench;
    standIn.script(() => ({ status: 500, own: true }));
    const error = given(await failureOf(ask(bench, row, read, ONCE)), 'an answer of 500 is no error');
    const { provider: named, account, statusCode, providerCode, requestId } = error.facts;
    demand(named === provider.id && account === row.account, 'the error does not name provider and account');
    demand(statusCode === 500, `the error says status ${statusCode}`);
    const { headers, text } = given(standIn.seen.at(-1), 'nothing was sent').answer;
    const code = codeIn(text);
    demand(code === undefined || providerCode !== undefined, `the body names the code ${code}, the error has none`);
    const header = provider.api.requestIdHeader;
    const id = header === undefined ? undefined : headers.get(header);
    demand(header === undefined || Boolean(id), `the answer has no ${header}, which is said to carry the request id`);
    demand(!id || requestId === id, `the request id in ${header} is not in the error`);
    const token = (await openAccessToken(bench.vault, row)).reveal();
    demand(!JSON.stringify(error).includes(token), 'the error holds the access token');
    standIn.script(() => 'cut');
    const broken = await failureOf(ask(bench, row, read, ONCE));
    demand(broken?.code === 'NETWORK', `a broken connection is ${broken?.code ?? 'no error'}`);
    const codes = providerCode === undefined ? 'a body without a code' : `providerCode ${providerCode}`;
    return pass(
      `500 as ${provider.title} writes it: ${error.code}, statusCode 500, ${codes}, ${requestId ? `requestId ${requestId}` : 'no request id is sent'}; a broken connection: NETWORK`,
    );
  },
});

/** A code that a body in JSON or XML names, as people who look at it would find it. */
function codeIn(text: string): string | undefined {
  return (
    /"(?:code|errorCode|error_code|error)"\s*:\s*"?([\w.-]+)/i.exec(text)?.[1] ?? /\bcode="([\w.-]+)"/i.exec(text)?.[1]
  );
}

/** The seed's matrix. */
const MATRIX = [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504];

/** Those of which the mock knows the provider's own words. */
const OWN = [429, 500, 502, 503, 504];

const classification = readingLine({
  name: 'status-classification',
  about: '`classify`',
  async run(bench, row, read) {
    const said: string[] = [];
    const wrong: string[] = [];
    const tokens = alwaysThis(await openAccessToken(bench.vault, row));
    const once = { ...ONCE, provider: withoutLimits(bench.provider), tokens };
    for (const [status, own] of [
      ...MATRIX.map((each) => [each, false] as const),
      ...OWN.map((each) => [each, true] as const),
    ]) {
      bench.standIn.script(() => ({ status, own }));
      const error = await failureOf(ask(bench, row, read, once));
      const wanted = STATUS_ROWS.find(({ when }) => when === status)?.code;
      const fits = error?.code === wanted && error?.facts.statusCode === status;
      if (!fits)
        wrong.push(`${status}${own ? ' in its own words' : ''} is ${error?.code ?? 'no error'}, not ${wanted}`);
      if (!own) said.push(`${status} ${error?.code}`);
      // A circuit that has opened would answer in the place of the provider.
      bench.clock.jump(2 * DEFAULT_CIRCUIT.resetAfterMs);
    }
    demand(wrong.length === 0, wrong.join('; '));
    const repeated = STATUS_ROWS.filter((each) => MATRIX.includes(Number(each.when)) && isRetryable(each));
    return pass(
      `${said.join(', ')}; the same in the provider's own words for ${OWN.join(', ')}; retryable: ${repeated.map(({ when }) => when).join(', ')}`,
    );
  },
});

const retries = readingLine({
  name: 'retry',
  about: '`classify` and `api.repeatable`',
  async run(bench, row, read) {
    const { standIn, clock, provider } = bench;
    const count = async (work: () => Promise<unknown>) => {
      const [before, began] = [standIn.seen.length, clock.now()];
      const error = await failureOf(work());
      return { error, sent: standIn.seen.length - before, tookMs: clock.now() - began };
    };
    standIn.script((nth) => (nth <= 2 ? { status: 503, own: true } : undefined));
    const passing = await count(() => ask(bench, row, read));
    demand(
      passing.error === undefined && passing.sent === 3,
      `two 503, then 200: ${passing.sent} requests, ${passing.error?.code ?? 'good'}`,
    );
    standIn.script(() => ({ status: 400 }));
    const refused = await count(() => ask(bench, row, read));
    demand(refused.sent === 1, `a 400 was sent ${refused.sent} times`);
    const write = { method: 'POST', path: '/lwi-provider-check' };
    demand(!provider.api.repeatable?.('POST', write.path), `POST ${write.path} counts as harmless`);
    standIn.script(() => ({ status: 503, own: true }));
    const unsafe = await count(() =>
      bench.api()(bench.request(row, write), bench.call(row, write, { repeatable: false })),
    );
    demand(unsafe.sent === 1, `a POST that may have been done was sent ${unsafe.sent} times`);
    return pass(
      `503, 503, 200: 3 requests over ${formatSpan(passing.tookMs)}; 400: 1 request (${refused.error?.code}); POST answered 503: 1 request (${unsafe.error?.code})`,
    );
  },
});

export const ERROR_LINES: readonly Line[] = [unified, classification, retries, unauthorized];
