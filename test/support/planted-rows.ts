import { changeStore } from './store-file.ts';

/** Where planted rows belong. */
const PLACE = { account: 'default', provider: 'quickbooks', company: '9130000000000001', entity: 'invoices' };

const quoted = (value: unknown) => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`);

/** Puts a record into the store of a home, as a sync would have left it. Its id is printed as it stands. */
export function plantRecord(
  home: string,
  id: string,
  data: unknown,
  { deleted = 0, ...place }: Partial<typeof PLACE> & { deleted?: 0 | 1 | 2 } = {},
): void {
  const { account, provider, company, entity } = { ...PLACE, ...place };
  const values = [account, provider, company, entity, id, JSON.stringify(data)].map(quoted).join();
  changeStore(
    home,
    `INSERT INTO records (account_id, provider, external_id, entity, id, data, updated_at, deleted, stored_at)
     VALUES (${values}, 1760000000000, ${deleted}, 1760000000000)`,
  );
}

/** `count` more invoices, with ids `b1`, `b2`, … */
export function plantInvoices(home: string, count: number): void {
  changeStore(
    home,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO records (account_id, provider, external_id, entity, id, data, updated_at, deleted, stored_at)
     SELECT 'default', 'quickbooks', '9130000000000001', 'invoices', 'b' || i,
       '{"Id":"b' || i || '","DocNumber":"D' || i || '","TotalAmt":' || i || ',"pad":"${'0'.repeat(400)}"}',
       1760000000000 + i, 0, 1760000000000 FROM n`,
  );
}

/** A row of invoices that a sync could not read. */
export function plantSetAside(home: string, reason: string, data: unknown, request: unknown): void {
  const { account, provider, company, entity } = PLACE;
  const values = [account, provider, company, entity, reason, reason, JSON.stringify(data), JSON.stringify(request)];
  changeStore(
    home,
    `INSERT INTO rejected_records (account_id, provider, external_id, entity, digest, reason, data, request, run, rejected_at)
     VALUES (${values.map(quoted).join()}, 1, 1760000000000)`,
  );
}
