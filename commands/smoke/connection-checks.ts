import type { Answered } from '../../src/checks/answered.ts';
import { type Check, type Finding, fail, skip } from '../../src/checks/check.ts';
import { clockFinding, clockSkew } from '../../src/checks/clock-finding.ts';
import { rateFinding } from '../../src/checks/rate-finding.ts';
import { scopeFinding } from '../../src/checks/scope-finding.ts';
import { accountOption } from '../../src/errors.ts';
import { connectCommand } from '../../src/oauth/connect-command.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { probeApi } from './probe-api.ts';
import type { Subject } from './subjects.ts';
import { connectionFinding, scopeFactsOf, tokenFinding } from './token-checks.ts';
import { webhookCheck } from './webhook-check.ts';

/** The connection that a check is about; absent: it is about the machine. */
export interface CheckedConnection {
  readonly of?: Pick<Subject, 'provider' | 'account' | 'env'>;
}

/** Checks of one connection, in the order in which one rests on the other. Where there is no connection, one check says so. */
export function connectionChecks(context: RecordableContext, subject: Subject): (Check & CheckedConnection)[] {
  const { provider, account, env, row } = subject;
  const group = provider && [provider, account !== undefined && `account ${account}`, env].filter(Boolean).join(', ');
  const base = { subject: provider, group, of: { provider, account, env } };
  const connection = { ...base, name: 'connection', needs: ['config', 'database'] };
  if (!row || provider === undefined) return [{ ...connection, run: () => notConnected(context, subject) }];
  const check = (name: string, run: Check['run'], ...needs: string[]): Check & CheckedConnection => ({
    ...{ ...base, name, needs: ['connection', ...needs], run },
  });
  const look = (name: string) => `check ${account}/${provider} ${name}`;
  let answered: Answered | undefined;
  let refusal: string | undefined;
  const ofAnswer = async (judge: (answer: Answered) => Promise<Finding>) =>
    answered ? judge(answered) : skip('there was no answer to look at');
  const title = async () => (await context.provider(provider)).title;
  return [
    { ...connection, run: () => context.look(look('connection'), (live) => connectionFinding(live, row)) },
    check('token', (signal) => context.look(look('token'), (live) => tokenFinding(live, row, signal)), 'key'),
    check(
      'api',
      async (signal) => {
        const probe = await probeApi(context, row, signal);
        ({ answered, refusal } = probe);
        if ('error' in probe) throw probe.error;
        return probe.finding;
      },
      'token',
    ),
    check('scopes', async () => {
      const facts = await context.look(look('scopes'), (live) => scopeFactsOf(live, row));
      return scopeFinding({ ...facts, headers: answered?.headers, refusal });
    }),
    check('rate-headers', () =>
      ofAnswer(async (answer) => {
        const definition = await context.provider(provider);
        const { method, path } = definition.api.probe;
        return rateFinding(answer, definition, definition.limitsFor(method, path));
      }),
    ),
    check('clock-skew', () =>
      ofAnswer(async (answer) => clockFinding([{ by: await title(), skewMs: clockSkew(answer) }])),
    ),
    check('webhook', () => context.look(look('webhook'), (live) => webhookCheck(live, row)), 'key'),
  ];
}

async function notConnected(
  context: RecordableContext,
  { provider, account, env, trouble }: Subject,
): Promise<Finding> {
  if (trouble) throw trouble;
  if (provider === undefined) {
    const next = `Run \`lwi connect <provider>${accountOption(account)}\`, or name another account with -a or another environment with --env.`;
    return fail(`Nothing is connected for account ${account} here.`, next, 'NOT_CONNECTED');
  }
  return context.look(`check ${account}/${provider} connection`, async (live): Promise<Finding> => {
    const store = await live.existingStore();
    // Connected in another environment: the context says so itself.
    if (account !== undefined && (await store?.connection({ account, provider }))) await live.connection(provider);
    const next = `Run ${connectCommand({ provider, variant: undefined, env: env ?? 'production', account: account ?? 'default' })}.`;
    return fail(`Account ${account} has no connection to ${provider}.`, next, 'NOT_CONNECTED');
  });
}
