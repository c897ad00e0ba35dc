import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ProviderFile } from '../../src/providers/generic/definition.ts';
import { documentOf, openScenario } from '../support/scenario.ts';

const EXAMPLES = fileURLToPath(new URL('../../docs/examples/providers/', import.meta.url));
const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));

test.each(files)('%s is added, connected to the mock of its definition and synced', async (file) => {
  const definition = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as ProviderFile;
  const { id, streams = [] } = definition;
  const lwi = await openScenario({ definitions: [definition], records: 60 });
  expect(file).toBe(`${id}.json`);
  await lwi.json(['provider', 'add', '--file', join(EXAMPLES, file)]);
  const connected = documentOf(await lwi.connect([id, '--json'])) as Record<string, unknown>;
  expect(connected['externalId']).toBe(definition.oauth?.externalId === undefined ? undefined : '7000001');
  expect(await lwi.json(['sync', id])).toMatchObject({
    entities: streams.map(({ name }) => ({ entity: name, upserted: 60, rejected: 0 })),
  });
});
