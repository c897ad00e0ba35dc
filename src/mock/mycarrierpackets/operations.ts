import { jsonAnswer, streamedAnswer } from '../answer.ts';
import type { TimelineRow } from '../timeline.ts';
import { type CarrierState, renderDetails } from './carrier-details.ts';
import { renderProfile } from './carrier-profile.ts';
import { type CarrierList, type Carriers, zoneless } from './carriers.ts';
import { message } from './message.ts';
import { asksForPage, type Parameters, readPage, readWindow } from './parameters.ts';
import {
  renderAssessment,
  renderChange,
  renderContacts,
  renderFactoring,
  renderListed,
  renderPacket,
} from './rendering.ts';

type Operation = (parameters: Parameters, now: number) => Response;

/** The reading operations by their names in lower case (Swagger "v1"). */
export function createOperations(seed: number, carriers: Carriers): ReadonlyMap<string, Operation> {
  const { monitored, blocked } = carriers;

  return new Map<string, Operation>([
    ['completedpackets', answerCompleted],
    ['carrierschanges', answerChanges],
    ['monitoredcarriers', (parameters) => answerListed(monitored, parameters)],
    ['blockedcarriers', (parameters) => answerListed(blocked, parameters)],
    ['monitoredcarrierdata', bulk((carrier, row) => renderDetails(seed, stateOf(carrier, row)))],
    ['getmonitoredcarriersriskassessment', bulk((carrier, row) => renderAssessment(seed, carrier, row))],
    ['getmonitoredcarriercontactsdata', bulk((carrier, row) => renderContacts(seed, carrier, row))],
    ['getupdatedfactoringcompanies', answerFactoring],
    ['getcarrierdata', answerCarrier],
  ]);

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
    const render = (row: TimelineRow) => renderChange(seed, stateOf(carrierOf(row.index), row), row.at);
    const head = {
      FromDate: zoneless(window.from),
      ToDate: zoneless(window.to),
      RequestDateTimeUtc: zoneless(now),
      CarrierCount: total,
    };
    if (!asksForPage(parameters)) {
      return streamedAnswer(
        `${JSON.stringify(head).slice(0, -1)},"CarrierList":[`,
        timeline.walk(window).map(render),
        ']}',
      );
    }
    const page = readPage(parameters, total, 250, 500);
    const rows = timeline.select(window, page.offset, page.size).map(render);
    return jsonAnswer({ ...head, CarrierList: rows }, 200, { 'x-pagination': JSON.stringify(page.state) });
  }

  function answerListed({ timeline, carrierOf }: CarrierList, parameters: Parameters): Response {
    const render = (row: TimelineRow) => renderListed(carrierOf(row.index), row);
    if (!asksForPage(parameters)) return streamedAnswer('[', timeline.walk({}).map(render), ']');
    const page = readPage(parameters, timeline.count({}), 2500, 5000);
    const rows = timeline.select({}, page.offset, page.size).map(render);
    return jsonAnswer(rows, 200, { 'x-pagination': JSON.stringify(page.state) });
  }

  /** One row for each monitored carrier, always paged, with the state of the paging in the body. */
  function bulk(render: (carrier: number, row: TimelineRow) => unknown): Operation {
    const { timeline, carrierOf } = monitored;
    return (parameters) => {
      const page = readPage(parameters, timeline.count({}), 250, 500);
      const data = timeline.select({}, page.offset, page.size).map((row) => render(carrierOf(row.index), row));
      return jsonAnswer({ ...page.state, succeeded: true, message: null, data });
    };
  }

  /** Those made or changed in the window, all at once; `toDate` may be left out. */
  function answerFactoring(parameters: Parameters, now: number): Response {
    const window = readWindow(parameters, now);
    if (window === undefined) return badWindow();
    const rows = carriers.factoring.select(window, 0, Infinity).map((row) => renderFactoring(seed, row));
    return jsonAnswer({
      ...{ FromDate: zoneless(window.from), ToDate: zoneless(window.to), RequestDateTimeUtc: zoneless(now) },
      ...{ FactoringCompaniesCount: rows.length, FactoringCompanies: rows },
    });
  }

  function stateOf(carrier: number, { version }: Pick<TimelineRow, 'version'>): CarrierState {
    return { carrier, version, isMonitored: carriers.isMonitored(carrier), isBlocked: carriers.isBlocked(carrier) };
  }

  /** `DocketNumber` in the Swagger document, `Docket` in the guide. */
  function answerCarrier(parameters: Parameters, now: number): Response {
    const docket = parameters.get('docketnumber') ?? parameters.get('docket');
    const carrier = carriers.find(parameters.get('dotnumber') || undefined, docket || undefined);
    if (carrier === undefined) return message(404, 'Carrier not found.');
    const row = monitored.timeline.find(carrier);
    const state = stateOf(carrier, { version: row?.version ?? 0 });
    return jsonAnswer(renderProfile(seed, state, row?.createdAt ?? now));
  }
}

function badWindow(): Response {
  return message(400, 'The request is invalid.');
}
