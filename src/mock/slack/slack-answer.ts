import { jsonAnswer } from '../answer.ts';

/** Slack says success in the body, with status 200 either way. */
export function okAnswer(body: Readonly<Record<string, unknown>>, headers: Record<string, string> = {}): Response {
  return jsonAnswer({ ok: true, ...body }, 200, headers);
}

/** `{"ok":false,"error":…}` with status 200 (docs.slack.dev, errors). */
export function errorAnswer(error: string, more: Readonly<Record<string, unknown>> = {}): Response {
  return jsonAnswer({ ok: false, error, ...more });
}

/** The one refusal with a status of its own; Retry-After in whole seconds (docs.slack.dev, rate-limits). */
export function rateLimitedAnswer(waitMs: number): Response {
  return jsonAnswer({ ok: false, error: 'ratelimited' }, 429, {
    'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))),
  });
}
