import type { Context } from '../../src/context.ts';
import type { Verdict } from '../../src/webhooks/scheme.ts';

/** What is said of one input. */
export interface Result {
  readonly input: string;
  readonly provider?: string | undefined;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly eventId?: string | undefined;
  /** ISO-8601. */
  readonly signedAt?: string | undefined;
}

export interface VerdictReport {
  take(result: Result): void;
  /** Says what is left to say; gives how many did not verify. */
  end(): Promise<number>;
}

/** Up to so many results are all shown to a person; of more, only those that failed. */
const SHOWN = 20;
/** And of those no more than so many. */
const FAILED_SHOWN = 100;

/** A line for each result at once (`--jsonl`), one document (`--json`), or a table. */
export function verdictReport(
  { terminal }: Pick<Context, 'terminal'>,
  { jsonl, all }: { readonly jsonl?: boolean; readonly all?: boolean },
): VerdictReport {
  let [verified, failed] = [0, 0];
  const results: Result[] = [];
  const keeps = (result: Result) => {
    if (jsonl) return false;
    if (terminal.json || all || verified + failed <= SHOWN) return true;
    return result.verdict !== 'verified' && failed <= FAILED_SHOWN + SHOWN;
  };
  return {
    take(result) {
      if (result.verdict === 'verified') verified += 1;
      else failed += 1;
      if (jsonl) terminal.document(result);
      if (keeps(result)) results.push(result);
    },
    async end() {
      if (jsonl) return failed;
      if (terminal.json) terminal.document({ verified, failed, results });
      else await show({ terminal }, results, { verified, failed, all: all === true || verified + failed <= SHOWN });
      return failed;
    },
  };
}

async function show(
  { terminal }: Pick<Context, 'terminal'>,
  results: readonly Result[],
  { verified, failed, all }: { readonly verified: number; readonly failed: number; readonly all: boolean },
): Promise<void> {
  const rows = all ? results : results.filter(({ verdict }) => verdict !== 'verified').slice(0, FAILED_SHOWN);
  if (rows.length > 0) terminal.out(...(await tableOf({ terminal }, rows)));
  if (verified + failed <= SHOWN) return;
  const kept = all
    ? ''
    : failed > rows.length
      ? `; the first ${rows.length} that failed are shown, --all shows all`
      : '; --all shows all';
  terminal.out(`${verified} verified, ${failed} failed${kept}`);
}

async function tableOf({ terminal }: Pick<Context, 'terminal'>, rows: readonly Result[]): Promise<string[]> {
  const { renderTable } = await import('../../src/table.ts');
  const paint = ({ verdict }: Result) =>
    verdict === 'verified' ? terminal.style.good(verdict) : terminal.style.bad(verdict);
  const columns = [
    { heading: 'input', cell: (row: Result) => row.input },
    { heading: 'provider', cell: (row: Result) => row.provider ?? '' },
    { heading: 'verdict', cell: paint },
    { heading: 'detail', cell: (row: Result) => (row.verdict === 'verified' ? '' : row.detail) },
  ];
  // A sentence of detail is read in a log as well, where a block is better than a line without end.
  return renderTable(columns, rows, terminal.width);
}
