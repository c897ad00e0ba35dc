import type { Clock } from '../clock.ts';
import { isLwiError } from '../errors.ts';
import type { Provider } from '../providers/provider.ts';
import { formatSpan } from '../span.ts';
import type { Send } from './http.ts';
import { redactHeaders, redactUrl } from './redact.ts';

/**
 * One redacted line for each exchange (`-v`): when it began, what it was for, what came, how long it took, and where there is something to tell, which
 * try it was, how long it had waited for a permit, and the provider's id of the request. Headers below it at level 2. Bodies are never shown. Does
 * nothing at level 0 but count the request.
 */
export function trace(deps: {
  clock: Clock;
  provider: Provider;
  verbosity: number;
  write: (line: string) => void;
}): (next: Send) => Send {
  const { clock, provider, verbosity, write } = deps;
  return (next) => async (request, call) => {
    if (call.meter) call.meter.requests += 1;
    if (verbosity === 0) return next(request, call);
    const started = clock.now();
    const line = (outcome: string, id?: string) => {
      const { attempt = 1, waitedMs = 0 } = call;
      const more = [
        attempt > 1 && `try ${attempt}`,
        waitedMs >= 1 && `waited ${formatSpan(waitedMs)}`,
        id && `request ${id}`,
      ].filter((part) => part);
      const what = `${new Date(started).toISOString()} http ${call.purpose} ${request.method} ${redactUrl(request.url)}`;
      write([`${what} ${outcome} ${clock.now() - started} ms`, ...more].join(', '));
    };
    try {
      const response = await next(request, call);
      const header = provider.api.requestIdHeader;
      const id = header ? response.headers[header] : undefined;
      line(`${response.status} ${response.body.length} B`, id);
      if (verbosity > 1) {
        for (const [name, value] of redactHeaders(request.headers)) write(`  > ${name}: ${value}`);
        for (const [name, value] of redactHeaders(response.headers)) write(`  < ${name}: ${value}`);
      }
      return response;
    } catch (error) {
      line(isLwiError(error) ? error.code : 'failed');
      throw error;
    }
  };
}
