import type { Context } from '../../src/context.ts';
import type { HttpResponse } from '../../src/http/http.ts';
import { redactHeaders } from '../../src/http/redact.ts';
import type { ApiOptions } from './options.ts';

/** Writes an answer to stdout: the body as it came, with `-i` behind its status and headers. */
export function showAnswer({ terminal }: Pick<Context, 'terminal'>, response: HttpResponse, options: ApiOptions): void {
  if (options.include) {
    terminal.out(
      `HTTP ${response.status}`,
      ...redactHeaders(response.headers).map(([name, value]) => `${name}: ${value}`),
      '',
    );
  }
  terminal.raw(response.body);
}
