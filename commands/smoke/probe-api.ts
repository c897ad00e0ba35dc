import type { Answered } from '../../src/checks/answered.ts';
import { type Finding, pass } from '../../src/checks/check.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { apiRequest } from '../../src/http/api-request.ts';
import { requestIdOf } from '../../src/http/classify.ts';
import { type Call, type HttpResponse, isHttpResponse } from '../../src/http/http.ts';
import type { Connected, RecordableContext } from '../shared/recordable.ts';

/** What came of the one read that a connection is tried with. */
type Probed = ({ readonly finding: Finding } | { readonly error: LwiError }) & {
  /** The answer, also of a failure; undefined: there was none. */
  readonly answered?: Answered;
  /** The provider's words, where it refused for want of a scope. */
  readonly refusal?: string;
};

/** How providers call a scope that is missing: Slack, RFC 6750 (3.1), and Intuit's gateway. */
const SCOPE_REFUSALS = /^(missing_scope|insufficient_?scope)$/i;

/** Sends the provider's probe: a cheap read that proves that token, network and provider work. */
export async function probeApi(context: RecordableContext, row: Connected, signal: AbortSignal): Promise<Probed> {
  const { clock } = context;
  const provider = await context.provider(row.provider);
  const baseUrl = await context.baseUrl(provider, row.env);
  const { probe } = provider.api;
  const request = apiRequest(provider, baseUrl, row.externalId, probe);
  const meter = { requests: 0, retries: 0, throttledMs: 0 };
  const call: Call = {
    provider: provider.id,
    connection: { account: row.account, provider: row.provider },
    limits: provider.limitsFor(probe.method, probe.path),
    priority: 'interactive',
    repeatable: true,
    expects: 'json',
    purpose: 'smoke',
    ...{ signal, meter },
  };
  const send = await context.api(provider);
  const began = clock.now();
  const answeredBy = ({ status, headers }: HttpResponse) => ({ status, headers, began, ended: clock.now() });
  try {
    const response = await send(request, call);
    const answered = answeredBy(response);
    const id = requestIdOf(provider, response);
    const said = [
      `${probe.method} ${pathBelow(baseUrl, request.url)} answered ${response.status} in ${answered.ended - began} ms`,
      meter.retries > 0 && `after ${meter.retries} ${meter.retries === 1 ? 'retry' : 'retries'}`,
      id !== undefined && `request ${id}`,
    ].filter((part) => part !== false);
    return { finding: pass(said.join(', ')), answered };
  } catch (error) {
    if (!isLwiError(error) || signal.aborted) throw error;
    const { answer, providerCode = '' } = error.facts;
    return {
      error: withoutPath(error),
      ...(isHttpResponse(answer) ? { answered: answeredBy(answer) } : {}),
      ...(SCOPE_REFUSALS.test(providerCode) ? { refusal: error.message } : {}),
    };
  }
}

/** The path was not the person's: it stands in the definition of the provider, or is a guess where that names none. */
function withoutPath(error: LwiError): LwiError {
  if (error.code !== 'NOT_FOUND') return error;
  const hint = 'Name a read that the provider has as `api.probe` in its definition.';
  return new LwiError(error.code, error.message, { ...error.facts, hint });
}

function pathBelow(baseUrl: string, url: string): string {
  return new URL(url).pathname.slice(new URL(baseUrl).pathname.replace(/\/$/, '').length);
}
