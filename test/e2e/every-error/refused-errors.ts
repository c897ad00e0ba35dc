import type { ErrorCode } from '../../../src/errors.ts';
import { openBroughtProvider } from '../../support/brought-provider.ts';
import { openScenario } from '../../support/scenario.ts';
import { connected, failing, type Provocation } from './provocation.ts';

const LINE = ['-F', 'Line[][Amount]=10', '-f', 'Line[][DetailType]=SalesItemLineDetail'];
const INVOICE = ['api', 'quickbooks', '/invoice', '-f', 'CustomerRef[value]=3', ...LINE];

export const REFUSED_ERRORS = {
  BAD_REQUEST: async () => {
    const lwi = await connected();
    const query = (text: string) => ['api', 'quickbooks', '/query', '--query', `query=${text}`];
    const changed = () => ({ words: query('select * from Item') });
    return { lwi, words: query('selct * from Item'), hint: /orrect/, changed };
  },
  FORBIDDEN: failing('403', /`lwi token inspect quickbooks`/),
  NOT_FOUND: async () => {
    const lwi = await connected();
    const words = (id: string) => ['records', 'get', 'quickbooks', 'items', id];
    return {
      lwi,
      words: words('1'),
      hint: /^Run `lwi sync quickbooks --entity items`, or see `lwi records list quickbooks items`\.$/,
    };
  },
  CONFLICT: async () => {
    const lwi = await connected();
    await lwi.prepare([...INVOICE, '-f', 'DocNumber=LD-1']);
    const id = ['-f', 'Id=6', '-F'];
    await lwi.prepare([
      'api',
      'quickbooks',
      '/invoice',
      ...id,
      'sparse=true',
      '-f',
      'PrivateNote=late',
      '-f',
      'SyncToken=0',
    ]);
    const at = (token: number) => [...INVOICE, '-f', 'Id=6', '-f', `SyncToken=${token}`];
    return { lwi, words: at(0), hint: /^Fetch the record again/, changed: () => ({ words: at(1) }) };
  },
  VALIDATION_FAILED: async () => {
    const lwi = await connected();
    return {
      lwi,
      words: ['api', 'quickbooks', '/invoice', ...LINE],
      hint: /^Correct the data/,
      changed: () => ({ words: INVOICE }),
    };
  },
  PROVIDER_REFUSED: async () => {
    let status = 424;
    const { lwi } = await openBroughtProvider(() => ({ status, json: {} }));
    const heal = () => {
      status = 200;
    };
    return { lwi, words: ['api', 'acme', '/items'], hint: /^Read the message of the provider/, heal };
  },
  RECORDS_SET_ASIDE: async () => {
    let rows: object[] = [{ id: 1 }, { name: 'no id' }];
    const { lwi } = await openBroughtProvider(() => ({ json: rows }), { streams: [{ name: 'items', path: '/items' }] });
    const heal = () => {
      rows = [{ id: 1 }];
    };
    return { lwi, words: ['sync', 'acme'], hint: /`lwi records list acme items --set-aside/, heal };
  },
  UNVERIFIED: {
    result: async () => {
      const lwi = await openScenario();
      const body = lwi.write('body', '{}');
      return {
        lwi,
        words: ['webhook', 'verify', 'slack', '--body', body],
        env: { LWI_SLACK_WEBHOOK_SECRET: 'secret' },
      };
    },
  },
  CHECK_FAILED: {
    result: async () => {
      const lwi = await connected();
      await lwi.control('faults?fault=403:quickbooks/v3');
      return { lwi, words: ['smoke', 'quickbooks'] };
    },
  },
} satisfies Partial<Record<ErrorCode, Provocation>>;
