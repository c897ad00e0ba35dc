import type { HostAnswer } from '../../src/checks/machine/hosts.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import type { Send } from '../../src/http/http.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { ConnectionRow } from '../../src/store/store.ts';

/** How long one host is waited for, ms; all are asked at once. */
const PATIENCE_MS = 3000;

/** More hosts are not asked. */
const MOST_HOSTS = 20;

interface Place {
  readonly provider: Provider;
  /** Without a path: what is asked for does not matter, and no path is told to anybody. */
  readonly origin: string;
}

/**
 * Asks each host that the connections talk to once, with HEAD and no token, through the same transport and proxies as every request. A text says why
 * nobody is asked. Throws what the store and the config throw.
 */
export async function hostAnswers(context: Context): Promise<readonly HostAnswer[] | string> {
  const rows = await context.existingConnections();
  if (rows.length === 0) return 'nothing is connected, so that nobody is to be asked';
  const places = await placesOf(context, rows);
  const { transport } = await import('../../src/http/transport.ts');
  const { DEFAULT_TIMEOUTS } = await import('../../src/http/timeouts.ts');
  const waits = { connectMs: PATIENCE_MS, headersMs: PATIENCE_MS, bodyMs: PATIENCE_MS, attemptMs: PATIENCE_MS };
  const wire = transport({ userAgent: 'lwi', timeouts: () => ({ ...DEFAULT_TIMEOUTS, ...waits }) });
  try {
    return await Promise.all(places.map((place) => answerOf(context, wire.send, place)));
  } finally {
    await wire.close();
  }
}

/** The API and the token endpoint of each connection, each host once. */
async function placesOf(context: Context, rows: readonly ConnectionRow[]): Promise<Place[]> {
  const { variantOf } = await import('../../src/oauth/settings.ts');
  const places = new Map<string, Place>();
  for (const row of rows) {
    const provider = await context.provider(row.provider);
    const { endpoints } = variantOf(provider, await context.endpoints(provider, row.env), row.variant);
    for (const url of [endpoints.apiBaseUrl, endpoints.tokenEndpoint]) {
      if (url && URL.canParse(url)) places.set(new URL(url).origin, { provider, origin: new URL(url).origin });
    }
  }
  return [...places.values()].slice(0, MOST_HOSTS);
}

async function answerOf(context: Context, wire: Send, { provider, origin }: Place): Promise<HostAnswer> {
  const { clock, signal, options, terminal } = context;
  const { trace } = await import('../../src/http/trace.ts');
  const { clockSkew } = await import('../../src/checks/clock-finding.ts');
  const send = trace({ clock, provider, verbosity: options.verbosity, write: terminal.trace })(wire);
  const { host } = new URL(origin);
  const began = clock.now();
  try {
    const { headers } = await send(
      { method: 'HEAD', url: `${origin}/`, headers: {} },
      {
        ...{ provider: provider.id, limits: [], priority: 'interactive', repeatable: true, raw: true },
        ...{ signal, purpose: 'doctor' },
      },
    );
    return { host, skewMs: clockSkew({ headers, began, ended: clock.now() }) };
  } catch (error) {
    if (!isLwiError(error)) throw error;
    return { host, error };
  }
}
