import { type FakeStream, sameStream } from '../provider-fake.ts';
import type { TimelineRow } from '../timeline.ts';
import { renderDetails } from './carrier-details.ts';
import { type CarrierList, type Carriers, dotOf, factoringId, indexOfDot, indexOfFactoring } from './carriers.ts';
import {
  renderAssessment,
  renderChange,
  renderContacts,
  renderFactoring,
  renderListed,
  renderPacket,
} from './rendering.ts';

type Render = (carrier: number, row: TimelineRow) => unknown;

/** The rows behind a name; the id of a row is the DOT number of the carrier that it is about, or that of a factoring company. */
export function carrierStream(seed: number, carriers: Carriers, name: string): FakeStream | undefined {
  const { completed, changes, monitored, blocked, factoring } = carriers;
  const common = { onDelete: 'remove', addStepMs: 1 } as const;
  if (sameStream(name, 'factoring companies')) {
    const idOf = (index: number) => String(factoringId(index));
    const render = (row: TimelineRow) => renderFactoring(seed, row);
    return { ...common, timeline: factoring, idOf, indexOf: indexOfFactoring, render };
  }
  const stateOf = (carrier: number, { version }: TimelineRow) => {
    const [isMonitored, isBlocked] = [carriers.isMonitored(carrier), carriers.isBlocked(carrier)];
    return { carrier, version, isMonitored, isBlocked };
  };
  const change: Render = (carrier, row) => renderChange(seed, stateOf(carrier, row), row.at);
  const streams: readonly (readonly [string, CarrierList, Render])[] = [
    ['completed packets', completed, (carrier, row) => renderPacket(seed, carrier, row.at)],
    ['carriers changes', changes, change],
    ['carrier changes', changes, change],
    ['monitored carriers', monitored, renderListed],
    ['carriers', monitored, (carrier, row) => renderDetails(seed, stateOf(carrier, row))],
    ['carrier risk assessments', monitored, (carrier, row) => renderAssessment(seed, carrier, row)],
    ['carrier contacts', monitored, (carrier, row) => renderContacts(seed, carrier, row)],
    ['blocked carriers', blocked, renderListed],
  ];
  const [, list, render] = streams.find(([one]) => sameStream(one, name)) ?? [];
  if (list === undefined || render === undefined) return undefined;
  return {
    ...common,
    timeline: list.timeline,
    idOf: (index) => String(dotOf(list.carrierOf(index))),
    indexOf(id) {
      const index = indexOfDot(id) / (list.carrierOf(1) || 1);
      return Number.isInteger(index) ? index : undefined;
    },
    render: (row) => render(list.carrierOf(row.index), row),
  };
}

/** Names of the streams that an operation reads. */
export function streamsOf(operation: string): readonly string[] {
  const found = READ_BY.get(operation.toLowerCase());
  return found === undefined ? [] : [found];
}

const READ_BY: ReadonlyMap<string, string> = new Map([
  ['completedpackets', 'completed packets'],
  ['carrierschanges', 'carrier changes'],
  ['monitoredcarriers', 'monitored carriers'],
  ['blockedcarriers', 'blocked carriers'],
  ['monitoredcarrierdata', 'monitored carriers'],
  ['getmonitoredcarriersriskassessment', 'monitored carriers'],
  ['getmonitoredcarriercontactsdata', 'monitored carriers'],
  ['getupdatedfactoringcompanies', 'factoring companies'],
]);
