import { boundedText } from '../../bounded-text.ts';
import { LwiError } from '../../errors.ts';
import { connectionSettings } from '../../store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../store/postgres/database.ts';
import { JOBS_SESSION } from '../../store/postgres/job-counts.ts';
import { jobQueries } from '../../store/postgres/job-queue.ts';
import type { Surroundings } from '../../store/postgres/surroundings.ts';
import type { Job, JobEnd, JobQueue, Jobs, NewJob } from '../jobs.ts';
import { startBoss } from './boss.ts';
import { queueName, queueOf, queueSettings } from './queues.ts';
import { storable, storableText } from './storable.ts';

/** Connections of one process for its jobs, beside those of its store. */
const POOL = 3;
/** Jobs that go into one statement. */
const TOGETHER = 500;

/** What stands in the row of a job. */
interface JobData {
  readonly account: string;
  readonly key?: string | undefined;
  readonly order: Readonly<Record<string, unknown>>;
}

/**
 * Opens the jobs of the database at `url`, whose store must have been opened before, so that its tables are there. Throws USAGE, STORE_AWAY, STORE_REFUSED,
 * STORE_OUTDATED.
 */
export async function openJobs(url: string, source: string, around?: Surroundings): Promise<Jobs> {
  const { driver, ...settings } = connectionSettings(url, source, around);
  const db = new PostgresDatabase({ ...settings, driver: { ...driver, max: POOL, application_name: JOBS_SESSION } });
  try {
    return jobsOn(db, await startBoss(db));
  } catch (error) {
    await db.close();
    // Whatever else it throws there says that its tables are missing or of another version.
    throw error instanceof LwiError
      ? error
      : new LwiError('STORE_OUTDATED', `${settings.place}: the tables of its jobs are not those that this lwi needs`, {
          cause: error,
        });
  }
}

function jobsOn(db: PostgresDatabase, boss: Awaited<ReturnType<typeof startBoss>>): Jobs {
  const queries = jobQueries(db);
  const made = new Set<string>();

  async function ready(queue: JobQueue): Promise<string> {
    const name = queueName(queue);
    if (made.has(name)) return name;
    await boss.createQueue(name, queueSettings(queue.kind));
    made.add(name);
    return name;
  }

  return {
    async add(jobs) {
      const ids: string[] = [];
      for (const [queue, some] of byQueue(jobs)) {
        const name = await ready(queue);
        for (let at = 0; at < some.length; at += TOGETHER) {
          const rows = some.slice(at, at + TOGETHER).map(rowOf);
          ids.push(...((await boss.insert(name, rows, { returnId: true })) ?? []));
        }
      }
      return ids;
    },

    waiting: (queue, key) => queries.waiting(queueName(queue), key),

    due: async () => (await queries.due()).flatMap((name) => queueOf(name) ?? []),

    async claim(queue, most) {
      const claimed = await boss.fetch<JobData>(await ready(queue), { batchSize: most, includeMetadata: true });
      return claimed.map(({ id, retryCount, createdOn, startedOn, data: { account, key, order } }) => ({
        ...{ ...queue, id, account, key, order, attempt: retryCount },
        // Both by the clock of the database.
        ageMs: Math.max(0, startedOn.getTime() - createdOn.getTime()),
      }));
    },

    async beat(jobs) {
      const lost: Job[] = [];
      for (const [queue, some] of byQueue(jobs)) {
        const { settled = [] } = (await boss.touch(queueName(queue), some.map(claimOf))) as { settled?: string[] };
        lost.push(...some.filter(({ id }) => !settled.includes(id)));
      }
      return lost;
    },

    async finish(job, end) {
      const name = queueName(job);
      const claim = claimOf(job);
      if (end.state === 'done') return void (await boss.complete(name, claim, { outcome: end.outcome ?? 'done' }));
      if (end.state === 'failed' && !end.again) await queries.lastAttempt(name, job.id, job.attempt);
      await boss.fail(name, claim, said(end));
      if (end.state === 'returned') await boss.update({ name, options: { id: job.id, startAfter: 0 } });
    },

    polls: async (queues, keys) =>
      new Map((await queries.polls(queues.map(queueName), keys)).map((lane) => [lane.key, lane])),

    postpone: async (queue, key, inMs) =>
      void (await boss.update({ name: queueName(queue), options: { singletonKey: key, startAfter: seconds(inMs) } })),

    tend: () => boss.supervise(),

    async close() {
      await boss.stop({ graceful: false, close: false }).catch(() => {});
      await db.close();
    },
  };
}

function rowOf({ account, key, order = {}, inMs = 0, keepMs }: NewJob) {
  return {
    data: storable<JobData>({ account, key, order: order as JobData['order'] }),
    startAfter: `${inMs / 1000} seconds`,
    ...(key === undefined ? {} : { singletonKey: storableText(key) }),
    ...(keepMs === undefined ? {} : { deleteAfterSeconds: seconds(keepMs) }),
  };
}

/** Names the attempt that was claimed: of a job that somebody else has by now it leaves the hands. */
const claimOf = ({ id, attempt }: Job) => ({ id, retryCount: attempt });

/** Characters that are kept of what a failure says. */
const LONGEST_MESSAGE = 500;

/** What is kept of a failure, for people. */
function said(end: Exclude<JobEnd, { state: 'done' }>) {
  if (end.state === 'returned') return { outcome: 'returned' };
  const message = storableText(boundedText(end.error.message, LONGEST_MESSAGE));
  return { outcome: 'failed', code: end.error.code, message };
}

const seconds = (ms: number) => Math.max(1, Math.round(ms / 1000));

function byQueue<Each extends JobQueue>(jobs: readonly Each[]): ReadonlyMap<JobQueue, readonly Each[]> {
  const groups = Map.groupBy(jobs, queueName);
  return new Map(
    [...groups].flatMap(([name, some]) => {
      const queue = queueOf(name);
      return queue ? [[queue, some]] : [];
    }),
  );
}
