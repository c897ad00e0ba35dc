import type { ProviderFile, StreamDefinition } from '../../providers/generic/definition.ts';
import type { Tenant } from '../authorization-page.ts';
import { createTimeline } from '../computed-timeline.ts';
import { type FakeStream, sameStream } from '../provider-fake.ts';
import { hashOf } from '../seeded-random.ts';
import { type MockSettings, pastOf } from '../settings.ts';
import { idOf, indexOf, renderRow } from './row.ts';

/** The rows of all streams of all companies, made when they are first asked for. */
export interface Companies {
  /** Undefined for a company that is not there. */
  stream(definition: StreamDefinition, tenant: string): FakeStream | undefined;
  /** By whatever spelling of the name; of the first company where none is named. */
  named(name: string, tenant: string | undefined): FakeStream | undefined;
}

export function createCompanies(
  settings: MockSettings,
  { streams = [] }: ProviderFile,
  tenants: readonly Tenant[],
  seed: number,
): Companies {
  const made = new Map<string, FakeStream>();
  const past = pastOf(settings.clock.now());

  function stream(definition: StreamDefinition, tenant: string): FakeStream | undefined {
    const company = tenants.findIndex(({ id }) => id === tenant);
    if (company === -1) return undefined;
    const key = `${tenant} ${definition.name}`;
    const found = made.get(key);
    if (found !== undefined) return found;
    const rowSeed = hashOf(seed, company, streams.indexOf(definition));
    const fresh: FakeStream = {
      // Most APIs tell times in whole seconds.
      timeline: createTimeline({
        ...{ count: settings.records, ...past },
        granularityMs: definition.since?.format === 'epochMs' ? 1 : 1000,
      }),
      ...{ onDelete: 'remove', addStepMs: 0, idOf, indexOf },
      render: (row) => renderRow(definition, rowSeed, row),
    };
    made.set(key, fresh);
    return fresh;
  }

  return {
    stream,
    named(name, tenant = tenants[0]?.id ?? '') {
      const exact = streams.find((each) => each.name === name);
      const definition = exact ?? streams.find((each) => sameStream(each.name, name));
      return definition && stream(definition, tenant);
    },
  };
}
