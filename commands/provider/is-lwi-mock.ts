import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { bodyJson } from '../../src/http/http.ts';
import { DEFAULT_TIMEOUTS } from '../../src/http/timeouts.ts';
import { trace } from '../../src/http/trace.ts';
import { transport } from '../../src/http/transport.ts';
import type { Provider } from '../../src/providers/provider.ts';

/** How long the server is waited for, ms: who is slower than that is no mock on this machine. */
const PATIENCE_MS = 3000;

/** Largest answer that is read, bytes; the mock's own has some hundred. */
const LARGEST_ANSWER = 64 * 1024;

/** `lwi mock` says at its root what it is. Whoever says nothing of the kind, or nothing at all, is another server; `signal` ends the wait for that. */
export async function isLwiMock(
  { clock, options, terminal, signal: stop }: Pick<Context, 'clock' | 'options' | 'terminal' | 'signal'>,
  { provider, url, signal }: { readonly provider: Provider; readonly url: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const waits = { connectMs: PATIENCE_MS, headersMs: PATIENCE_MS, bodyMs: PATIENCE_MS, attemptMs: PATIENCE_MS };
  const timeouts = () => ({ ...DEFAULT_TIMEOUTS, ...waits });
  const wire = transport({ userAgent: 'lwi', timeouts, largestBody: LARGEST_ANSWER });
  const send = trace({ clock, provider, verbosity: options.verbosity, write: terminal.trace })(wire.send);
  try {
    const answer = await send(
      { method: 'GET', url: `${url}/`, headers: { accept: 'application/json' } },
      {
        ...{ provider: provider.id, limits: [], priority: 'interactive', repeatable: true, raw: true },
        ...{ signal, purpose: 'check' },
      },
    );
    return (bodyJson(answer) as { mock?: unknown } | null | undefined)?.mock === 'lwi';
  } catch (error) {
    stop.throwIfAborted();
    if (isLwiError(error) || signal.aborted) return false;
    throw error;
  } finally {
    await wire.close();
  }
}
