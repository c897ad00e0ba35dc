import { isLoopbackHost } from '../../src/loopback-host.ts';
import { METRICS_TYPE } from '../../src/metrics.ts';
import type { PageAnswer, ReceiverOptions } from '../../src/webhooks/receiver.ts';
import type { ServeParts } from './serve-parts.ts';

const JSON_TYPE = 'application/json';

/**
 * `/healthz` and `/metrics`. Webhooks come through tunnels under foreign names, so their Host is not looked at; these two name accounts, and with
 * `loopbackOnly` a web page whose name was rebound to this machine does not get to read them.
 */
export function servePages(parts: ServeParts, loopbackOnly: boolean): ReceiverOptions['page'] {
  const { store, rows, health, metrics, clock } = parts;
  return async (path, host): Promise<PageAnswer | undefined> => {
    if (path !== '/healthz' && path !== '/metrics') return undefined;
    if (loopbackOnly && !isLoopbackHost(URL.parse(`http://${host}`)?.hostname ?? '')) {
      return { status: 403, type: JSON_TYPE, body: JSON.stringify({ error: 'forbidden-host' }) };
    }
    try {
      if (path === '/metrics') {
        const body = await metrics.text(store, await rows(), parts.provider, clock.now());
        return { status: 200, type: METRICS_TYPE, body };
      }
      const state = await health.state(store, await rows(), clock.now());
      return { status: state.status === 'ok' ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(state) };
    } catch {
      const body = JSON.stringify({ status: 'degraded', reasons: ['store: it cannot be read'] });
      return { status: 503, type: JSON_TYPE, body };
    }
  };
}
