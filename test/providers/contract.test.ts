import { expect, test } from 'vitest';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { describeProvider } from './contract.ts';
import { describeStreams } from './contract-streams.ts';

for (const provider of BUILT_IN) {
  describeProvider(provider);
  describeStreams(provider);
}

test('no two providers share an id', () => {
  const ids = BUILT_IN.map((provider) => provider.id);
  expect(new Set(ids).size).toBe(ids.length);
});
