import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The provider of the sync bench, in a process of its own so that its work counts against nobody: `count` rows of some `bytes` each, in pages of 1000,
 * as an API with a cursor (`/v1/rows?after=`) and as the query of QuickBooks (`/v3/company/<realm>/query`). Prints its port. Pages are made once for each
 * position and not kept. Arguments: count, bytes.
 */
const [count = 0, bytes = 0] = process.argv.slice(2).map(Number);
const PAGE = 1000;
/** The first row changed then, each further one a second later. */
const FIRST_CHANGE = Date.UTC(2020, 0, 1);

/** JSON of a row as QuickBooks writes one: an invoice with a line, its times, and text up to the size that was asked for. */
function rowAt(index: number): string {
  const changed = `${new Date(FIRST_CHANGE + index * 1000).toISOString().slice(0, 19)}Z`;
  const row = {
    ...{ Id: String(index + 1), SyncToken: '0', DocNumber: `FR-${index}`, TotalAmt: (index % 9000) + 0.5, Balance: 0 },
    MetaData: { CreateTime: changed, LastUpdatedTime: changed },
    ...(bytes < 500
      ? {}
      : { Line: [line(1, index), line(2, index + 7)], CurrencyRef: { value: 'USD', name: 'Dollar' } }),
    PrivateNote: '',
  };
  const room = bytes - JSON.stringify(row).length;
  return JSON.stringify({
    ...row,
    PrivateNote: `Detention at the dock, ${index}. `.repeat(40).slice(0, Math.max(0, room)),
  });
}

function line(number: number, amount: number) {
  const item = { ItemRef: { value: '7', name: 'Line haul' }, Qty: 1, UnitPrice: amount };
  return {
    Id: String(number),
    LineNum: number,
    Amount: amount,
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: item,
  };
}

function page(from: number): string {
  const rows = [];
  for (let index = from; index < Math.min(count, from + PAGE); index++) rows.push(rowAt(index));
  return rows.join(',');
}

function answer(url: URL): string {
  if (url.pathname === '/v1/rows') {
    const from = Number(url.searchParams.get('after') ?? 0);
    const next = from + PAGE < count ? `"${from + PAGE}"` : 'null';
    return `{"rows":[${page(from)}],"next":${next}}`;
  }
  const statement = url.searchParams.get('query');
  if (statement === null) return '{}';
  const [, since] =
    / LastUpdatedTime >= '([^']+)'|MetaData\.LastUpdatedTime >= '([^']+)'/i.exec(statement)?.filter(Boolean) ?? [];
  const [, position = '1'] = /startposition (\d+)/i.exec(statement) ?? [];
  const first = since === undefined ? 0 : Math.max(0, Math.ceil((Date.parse(since) - FIRST_CHANGE) / 1000));
  const rows = page(first + Number(position) - 1);
  return rows === '' ? '{"QueryResponse":{}}' : `{"QueryResponse":{"Invoice":[${rows}]}}`;
}

const server = createServer((request, response) => {
  const body = Buffer.from(answer(new URL(request.url ?? '/', 'http://localhost')));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
