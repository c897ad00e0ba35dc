import type { Clock } from '../clock.ts';
import type { RequestSender } from './request-sender.ts';

/** Where the lines of `-v` go; at verbosity 0 there are none. */
export interface SendTrace {
  readonly clock: Clock;
  readonly verbosity: number;
  /** Takes one line, and redacts it. */
  readonly write: (line: string) => void;
}

/** Writes one line for each request, worded as those of the API (src/http/trace.ts): when it began, what it was, what came of it, how long it took. */
export function tracedSender(sender: RequestSender, { clock, verbosity, write }: SendTrace): RequestSender {
  if (verbosity === 0) return sender;
  return {
    close: sender.close,
    async send(request, signal) {
      const started = clock.now();
      const line = (outcome: number | string, ms: number) =>
        write(
          `${new Date(started).toISOString()} http webhook ${request.method} ${withoutQuery(request.url)} ${outcome} ${ms} ms`,
        );
      try {
        const end = await sender.send(request, signal);
        line(end.status ?? end.error ?? 'failed', end.tookMs);
        return end;
      } catch (error) {
        line('stopped', Math.max(0, clock.now() - started));
        throw error;
      }
    },
  };
}

/** A URL as it may be told: a query may hold what only the target should know. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
