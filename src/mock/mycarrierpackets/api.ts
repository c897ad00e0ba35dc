import { jsonAnswer, streamedAnswer } from '../answer.ts';
import { readBearer } from '../client-authentication.ts';
import type { GrantStore } from '../grant-store.ts';
import { createRateWindows, type WindowClaim, type WindowState } from '../rate-window.ts';
import type { MockSettings } from '../settings.ts';
import type { TimelineRow } from '../timeline.ts';
import { type CarrierList, type Carriers, zoneless } from './carriers.ts';
import { type Parameters, readPage, readParameters, readWindow } from './parameters.ts';
import { renderCarrier, renderChange, renderListed, renderPacket } from './rendering.ts';

/** No limit is published; a generous one stands in (assumption), for each account. */
const PER_MINUTE = { permits: 120, perMs: 60_000 };
/** CarriersChanges is not to be polled more often than every four minutes (IntegrationGuide, 3.2). */
const POLL_INTERVAL = { permits: 1, perMs: 240_000 };

/** `answer` answers `/api/v1/Carrier/<operation>`: POST, all parameters in the query, the body ignored. `windows` are those it counts against. */
export function createApi(settings: MockSettings, grants: GrantStore, carriers: Carriers) {
  const { seed, clock } = settings;
  const windows = createRateWindows(settings.limitScale);

  return { answer: answerOperation, windows: windowsOf };

  /** For each account; polls apart, of which the further pages are none. */
  function claimsOf(account: string, operation: string, parameters: Parameters): WindowClaim[] {
    const polls =
      settings.enforcePollInterval && operation === 'carrierschanges' && Number(parameters.get('pagenumber') ?? 1) <= 1;
    const claims = [{ key: account, rules: [PER_MINUTE] }];
    return polls ? [...claims, { key: `poll ${account}`, rules: [POLL_INTERVAL] }] : claims;
  }

  function windowsOf(request: Request, operation: string): WindowState[] {
    const account = grants.check(readBearer(request) ?? '').grant?.tenant;
    if (account === undefined || !settings.rateLimits) return [];
    return windows.state(claimsOf(account, operation.toLowerCase(), readParameters(request.url)), clock.now());
  }

  function answerOperation(request: Request, operation: string): Response {
    const { state, grant } = grants.check(readBearer(request) ?? '');
    if (state !== 'valid' || grant === undefined)
      return message(401, 'Authorization has been denied for this request.');
    if (request.method !== 'POST')
      return message(405, `The requested resource does not support http method '${request.method}'.`);
    const parameters = readParameters(request.url);
    const now = clock.now();
    const name = operation.toLowerCase();
    if (settings.rateLimits && windows.take(claimsOf(grant.tenant, name, parameters), now) > 0) return tooMany();
    if (name === 'completedpackets') return answerCompleted(parameters);
    if (name === 'carrierschanges') return answerChanges(parameters, now);
    if (name === 'monitoredcarriers') return answerListed(carriers.monitored, parameters, 2500);
    if (name === 'blockedcarriers') return answerListed(carriers.blocked, parameters, 2500);
    if (name === 'getcarrierdata') return answerCarrier(parameters);
    return message(404, 'No HTTP resource was found that matches the request URI.');
  }

  /** Everything in the window at once: this one has no paging. */
  function answerCompleted(parameters: Parameters): Response {
    const window = readWindow(parameters);
    if (window === undefined) return badWindow();
    const { timeline, carrierOf } = carriers.completed;
    const rows = carriers.completed.timeline
      .walk(window)
      .map((row) => renderPacket(seed, carrierOf(row.index), row.at));
    return timeline.count(window) === 0 ? jsonAnswer([]) : streamedAnswer('[', rows, ']');
  }

  /** Paged, with the state of the paging in a header, if a page is asked for; else everything. */
  function answerChanges(parameters: Parameters, now: number): Response {
    const window = readWindow(parameters);
    if (window === undefined) return badWindow();
    const { timeline, carrierOf } = carriers.changes;
    const total = timeline.count(window);
    const render = (row: TimelineRow) => renderChange(seed, carrierOf(row.index), row.at, row.version);
    const head = {
      FromDate: zoneless(window.from),
      ToDate: zoneless(window.to),
      RequestDateTimeUtc: zoneless(now),
      CarrierCount: total,
    };
    if (!parameters.has('pagenumber') && !parameters.has('pagesize')) {
      return streamedAnswer(
        `${JSON.stringify(head).slice(0, -1)},"CarrierList":[`,
        timeline.walk(window).map(render),
        ']}',
      );
    }
    const page = readPage(parameters, total, 250, 500);
    const rows = timeline.select(window, page.offset, page.size).map(render);
    return jsonAnswer({ ...head, CarrierList: rows }, 200, { 'x-pagination': page.header });
  }

  function answerListed(list: CarrierList, parameters: Parameters, usual: number): Response {
    const page = readPage(parameters, list.timeline.count({}), usual, 5000);
    const rows = list.timeline
      .select({}, page.offset, page.size)
      .map((row) => renderListed(seed, list.carrierOf(row.index)));
    return jsonAnswer(rows, 200, { 'x-pagination': page.header });
  }

  /** `DocketNumber` in the Swagger document, `Docket` in the guide. */
  function answerCarrier(parameters: Parameters): Response {
    const docket = parameters.get('docketnumber') ?? parameters.get('docket');
    const carrier = carriers.find(parameters.get('dotnumber') || undefined, docket || undefined);
    return carrier === undefined ? message(404, 'Carrier not found.') : jsonAnswer(renderCarrier(seed, carrier));
  }
}

/** The default error body of .NET's Web API. */
function message(status: number, text: string): Response {
  return jsonAnswer({ Message: text }, status);
}

function badWindow(): Response {
  return message(400, 'The request is invalid.');
}

/** The answer to too many requests is not documented; no Retry-After is known. */
export function tooMany(): Response {
  return message(429, 'Too many requests.');
}
