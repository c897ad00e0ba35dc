import { isLoopbackHost } from '../../src/loopback-host.ts';
import { METRICS_TYPE } from '../../src/metrics.ts';
import type { PageAnswer, ReceiverOptions } from '../../src/webhooks/receiver.ts';

const JSON_TYPE = 'application/json';

/** What a receiver says of itself. */
export interface StatusSource {
  health(): Promise<{ readonly status: 'ok' | 'degraded' }>;
  /** In the format of `METRICS_TYPE`. */
  metrics(): Promise<string>;
}

/**
 * `/healthz` and `/metrics`. Webhooks come through tunnels under foreign names, so their Host is not looked at; these two name accounts, and with
 * `loopbackOnly` a web page whose name was rebound to this machine does not get to read them.
 */
export function statusPages(source: StatusSource, loopbackOnly: boolean): ReceiverOptions['page'] {
  return async (path, host): Promise<PageAnswer | undefined> => {
    if (path !== '/healthz' && path !== '/metrics') return undefined;
    if (loopbackOnly && !isLoopbackHost(URL.parse(`http://${host}`)?.hostname ?? '')) {
      return { status: 403, type: JSON_TYPE, body: JSON.stringify({ error: 'forbidden-host' }) };
    }
    try {
      if (path === '/metrics') return { status: 200, type: METRICS_TYPE, body: await source.metrics() };
      const state = await source.health();
      return { status: state.status === 'ok' ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(state) };
    } catch {
      const body = JSON.stringify({ status: 'degraded', reasons: ['store: it cannot be read'] });
      return { status: 503, type: JSON_TYPE, body };
    }
  };
}
