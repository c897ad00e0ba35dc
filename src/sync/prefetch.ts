import { LwiError } from '../errors.ts';
import type { BundlePart, PageRequest } from '../providers/stream.ts';
import { fetchPage } from './fetch-page.ts';
import type { EntityPlan } from './plan.ts';
import { type JsonAnswer, readPage } from './read-page.ts';
import { metered } from './report.ts';
import type { SyncDeps } from './sync-deps.ts';

/** One question of an entity that may be asked together with those of others. */
interface Question {
  readonly plan: EntityPlan;
  readonly request: PageRequest;
}

type Deps = Pick<SyncDeps, 'send' | 'signal' | 'provider' | 'baseUrl' | 'target'> & {
  readonly onWait?: (ms: number) => void;
};

/**
 * Asks first how many rows there are, then for the first pages, of as many entities in one request as the provider takes. What comes of it is put into the plans; an
 * entity for which nothing comes, for whatever reason, asks by itself later and hears the reason then.
 */
export async function prefetch(deps: Deps, plans: readonly EntityPlan[]): Promise<void> {
  const counts = plans.flatMap((plan): Question[] => (plan.walk.count ? [{ plan, request: plan.walk.count }] : []));
  await together(deps, counts, (plan, request, answer) => readCount(deps, plan, request, answer));
  const first = plans.flatMap((plan): Question[] =>
    plan.walk.request && !plan.walk.resumed ? [{ plan, request: plan.walk.request }] : [],
  );
  await together(deps, first, (plan, request, answer) => {
    plan.first = { request, answer };
  });
}

/** Asks how many rows the window of one entity has, where that can be asked and is not known. */
export async function countRows(deps: Deps, plan: EntityPlan, request: PageRequest): Promise<void> {
  const answer = await attempt(deps, [{ plan, request }], request);
  if (answer) readCount(deps, plan, request, answer);
}

/** Bundles as long as the provider finds some of the questions worth it. */
async function together(
  deps: Deps,
  questions: readonly Question[],
  take: (plan: EntityPlan, request: PageRequest, answer: JsonAnswer) => void,
): Promise<void> {
  const { bundle } = deps.provider;
  const open = [...questions];
  while (bundle) {
    const parts = open.map(({ plan, request }): BundlePart => ({ request, total: plan.walk.total }));
    const bundled = bundle(parts);
    if (!bundled) break;
    const asked = bundled.parts.flatMap((place) => open[place] ?? []);
    for (const question of asked) open.splice(open.indexOf(question), 1);
    const answer = await attempt(deps, asked, bundled.request);
    const answers = answer ? bundled.split(answer.body) : [];
    for (const [place, question] of asked.entries()) {
      const own = answers[place];
      if (answer && own) take(question.plan, own.request, { ...answer, body: own.body });
    }
  }
}

/** A question that fails is not repeated here; what must end the run will end it when the entity asks by itself. */
async function attempt(deps: Deps, asked: readonly Question[], request: PageRequest): Promise<JsonAnswer | undefined> {
  const [first] = asked;
  if (!first) return undefined;
  try {
    const purpose = asked.length === 1 ? `sync ${first.plan.stream.name}` : `sync ${asked.length} entities`;
    return await metered(first.plan.report, (meter) =>
      fetchPage({ ...deps, priority: 'sync' }, request, { purpose, meter }),
    );
  } catch (error) {
    if (deps.signal.aborted || !(error instanceof LwiError) || error.category === 'storage') throw error;
    return undefined;
  }
}

/** The count is a help for those who wait, and for nothing else. */
function readCount(deps: Deps, plan: EntityPlan, request: PageRequest, answer: JsonAnswer): void {
  const { walk, stream } = plan;
  try {
    const { total } = readPage(deps, stream, answer, { request, window: walk.window, until: 0 });
    plan.walk = { ...walk, total };
  } catch (error) {
    if (!(error instanceof LwiError)) throw error;
  }
}
