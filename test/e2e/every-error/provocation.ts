import { expect } from 'vitest';
import type { Ran } from '../../support/lwi.ts';
import { failureOf, openScenario, type Scenario } from '../../support/scenario.ts';
import { syncHolders } from '../../support/store-file.ts';

/** How a command is run: its words, and what it gets beside them. */
export interface Line {
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly stdin?: string | undefined;
  /** As in test/support/lwi.ts. */
  readonly shell?: string | undefined;
}

/** Trouble that has been brought about, the command that runs into it, and what the person does who reads about it. */
export interface Trouble extends Line {
  readonly lwi: Scenario;
  /** Runs the command in another way than by itself: with somebody in the browser, or who stops it. */
  readonly run?: (words: readonly string[]) => Promise<Ran>;
  /** What the hint must say. */
  readonly hint: RegExp;
  /** Does what the hint asks for outside of lwi. */
  readonly heal?: () => unknown;
  /** What is different from then on, for the commands of the hint and for the first one. */
  readonly changed?: (hint: string) => Partial<Line> | Promise<Partial<Line>>;
  /** What the commands of the hint are given on stdin. */
  readonly told?: string;
  /** Runs the first command again, where it takes more than its words. */
  readonly again?: (line: Line) => Promise<Ran>;
}

/** Brings the trouble about. A code that is the result of a command and comes with no error is a `result`: the command that ends with it. */
export type Provocation =
  | (() => Promise<Trouble>)
  | { readonly result: () => Promise<Line & { readonly lwi: Scenario }> };

/** A scenario with a connection to the mock, whose failures are not repeated. */
export async function connected(provider = 'quickbooks', config: object = {}): Promise<Scenario> {
  const lwi = await openScenario({ records: 5 });
  lwi.config({ retry: { attempts: 1, baseDelayMs: 1 }, ...config });
  await lwi.connected([provider]);
  return lwi;
}

/** The API of the mock fails in this way until it is well again. */
export function failing(fault: string, hint: RegExp, config: object = {}): Provocation {
  return async () => {
    const lwi = await connected('quickbooks', config);
    await lwi.control(`faults?fault=${encodeURIComponent(`${fault}:quickbooks/v3`)}`);
    const heal = async () => void (await lwi.control('faults'));
    return { lwi, words: READ, hint, heal };
  };
}

/** Reads something of QuickBooks. */
export const READ = ['api', 'quickbooks', '/companyinfo/9130000000000001'];

/** Resolves when a sync is at it. */
export async function underWay(lwi: Scenario): Promise<void> {
  const holders = () => syncHolders(lwi.home);
  await expect.poll(holders, { timeout: 20_000 }).toBe(1);
}

/** Runs the command of a trouble under --json; its exit code and error. */
export async function meet({ lwi, words, run, env, stdin, shell }: Trouble): Promise<ReturnType<typeof failureOf>> {
  // In front, because what stands behind `--` is another program's.
  const json = ['--json', ...words];
  return failureOf(await (run?.(json) ?? lwi.run(json, { env, stdin, shell })));
}
