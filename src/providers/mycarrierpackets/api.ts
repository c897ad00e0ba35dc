import type { ApiSettings } from '../api-settings.ts';
import type { LimitRule } from '../provider.ts';
import { nextPage } from './next-page.ts';

/** Operations that change something; every other one only reads, although all are POST (Swagger document "v1"). */
const WRITES =
  /\/(EmailPacketInvitation|RequestUserVerification|RequestVINVerification|RequestMonitoring|CancelMonitoring|BlockCarrier|UnblockCarrier)$/i;

/** All operations are POST with every parameter in the query and an empty body. JSON unless `accept` asks for XML. */
export const api: ApiSettings = {
  headers: { accept: 'application/json' },
  query: {},
  probe: { method: 'POST', path: `${operationPath('MonitoredCarriers')}?pageNumber=1&pageSize=1` },
  repeatable: (_method, path) => {
    const route = path.split('?', 1)[0] ?? '';
    return route.startsWith(operationPath('')) && !WRITES.test(route);
  },
  nextPage,
};

/** Path of an operation of the one controller. */
export function operationPath(operation: string): string {
  return `/api/v1/Carrier/${operation}`;
}

/** No limit is published: one request at a time and one a second is a guess on the careful side. */
export const limits: readonly LimitRule[] = [{ name: 'default', permits: 1, perMs: 1000, burst: 1, concurrency: 1 }];

export function limitsFor(): readonly string[] {
  return ['default'];
}
