import { readBearer } from '../client-authentication.ts';
import type { GrantStore } from '../grant-store.ts';
import { createRateWindows, type WindowClaim, type WindowRule, type WindowState } from '../rate-window.ts';
import type { MockSettings } from '../settings.ts';
import { answerBatch } from './batch.ts';
import { answerChanges } from './change-data-capture.ts';
import type { Company } from './company.ts';
import { companyTime } from './company-time.ts';
import { gatewayFault, notFound, quickbooksAnswer, throttleFault, unsupported } from './faults.ts';
import { answerQuery } from './query.ts';
import { indexOf } from './table.ts';
import { createWrites } from './writes.ts';

/** 500 a minute and 10 a second for each realm (developer.intuit.com, limits page). */
const LIMITS: readonly WindowRule[] = [
  { permits: 500, perMs: 60_000 },
  { permits: 10, perMs: 1_000 },
];
/** 40 batches a minute for each realm and app (blogs.intuit.com 2025/08/13); that one also counts as one request is an assumption. */
const BATCHES: readonly WindowRule[] = [{ permits: 40, perMs: 60_000 }];
const ACCOUNTING = 'com.intuit.quickbooks.accounting';

/** `answer` answers `/v3/company/{realm}/{operation}…`: token, scope, limit, then the operation. `windows` are those it counts against. */
export function createApi(settings: MockSettings, grants: GrantStore, companies: readonly Company[]) {
  const windows = createRateWindows(settings.limitScale);
  const answerWrite = createWrites();

  return { answer: answerApi, windows: windowsOf };

  function claimsOf(realm: string, operation: string): WindowClaim[] {
    const claims = [{ key: realm, rules: LIMITS }];
    return operation === 'batch' ? [...claims, { key: `batch ${realm}`, rules: BATCHES }] : claims;
  }

  function windowsOf(realm: string, operation: string): WindowState[] {
    return settings.rateLimits ? windows.state(claimsOf(realm, operation), settings.clock.now()) : [];
  }

  async function answerApi(request: Request, realm: string, operation: string, rest: string): Promise<Response> {
    const now = settings.clock.now();
    const { state, grant } = grants.check(readBearer(request) ?? '');
    if (state === 'expired') return gatewayFault(now, 401, 'Token expired');
    if (state === 'revoked') return gatewayFault(now, 401, 'Token revoked');
    const company = companies.find((one) => one.realm === realm);
    if (state !== 'valid' || grant?.tenant !== realm || company === undefined)
      return gatewayFault(now, 401, 'Token invalid');
    if (!grant.scope.split(' ').includes(ACCOUNTING)) return gatewayFault(now, 403, 'insufficientScope');
    if (settings.rateLimits && windows.take(claimsOf(realm, operation), now) > 0) return throttleFault(now);

    const query = new URL(request.url).searchParams;
    if (operation === 'query' && request.method === 'GET')
      return answerQuery(request, company, query.get('query') ?? '', now);
    if (operation === 'query' && request.method === 'POST') return answerPostedQuery(request, company, now);
    if (operation === 'batch' && request.method === 'POST') return answerBatch(request, company, now);
    if (request.method === 'POST' && rest === '') return answerWrite(request, company, operation, query, now);
    if (request.method !== 'GET') return unsupported(request, now, `${request.method} ${operation}`);
    if (operation === 'cdc') return answerChanges(request, company, query, now);
    if (operation === 'companyinfo') return answerCompanyInfo(request, company, rest, now);
    return answerEntity(request, company, operation, rest, now);
  }
}

/** The statement as body, with `Content-Type: application/text` (python-quickbooks). */
async function answerPostedQuery(request: Request, company: Company, now: number): Promise<Response> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.startsWith('application/text')) return unsupported(request, now, `Content-Type ${type}`);
  return answerQuery(request, company, await request.text(), now);
}

function answerCompanyInfo(request: Request, company: Company, id: string, now: number): Response {
  if (id !== company.realm) return notFound(request, now, id);
  const since = companyTime(Date.UTC(2019, 3, 1));
  const info = {
    CompanyName: company.name,
    LegalName: company.name,
    CompanyAddr: {
      Id: '1',
      Line1: '200 Wacker Drive',
      City: 'Chicago',
      CountrySubDivisionCode: 'IL',
      PostalCode: '60606',
    },
    Country: 'US',
    CompanyStartDate: since.slice(0, 10),
    FiscalYearStartMonth: 'January',
    SupportedLanguages: 'en',
    domain: 'QBO',
    sparse: false,
    Id: '1',
    SyncToken: '0',
    MetaData: { CreateTime: since, LastUpdatedTime: since },
  };
  return quickbooksAnswer(request, { CompanyInfo: info }, now);
}

/** `GET /invoice/145`: the path names the entity in lower case. */
function answerEntity(request: Request, company: Company, operation: string, id: string, now: number): Response {
  const table = company.entity(operation);
  if (table === undefined) return unsupported(request, now, operation);
  const index = indexOf(id);
  const row = index === undefined ? undefined : table.timeline.find(index);
  if (row === undefined || row.deleted) return notFound(request, now, id);
  return quickbooksAnswer(request, { [table.name]: table.render(row) }, now);
}
