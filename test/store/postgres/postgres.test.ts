import { describe, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { freshDatabase, POSTGRES } from '../../support/postgres.ts';
import { NO_POSTGRES } from '../../support/postgres-server.ts';
import { describeStore } from '../contract.ts';
import { NOW } from '../sample-rows.ts';

if (POSTGRES === undefined) {
  describe('PostgreSQL as a store', () => {
    test('the contract', ({ skip }) => skip(NO_POSTGRES));
  });
} else {
  describeStore(
    'PostgreSQL',
    async () => {
      const { url } = await freshDatabase();
      return {
        open: (now = () => NOW) => openPostgresStore(url, 'test', { now, databaseNow: now }),
      };
    },
    8,
  );
}
