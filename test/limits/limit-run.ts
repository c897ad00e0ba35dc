import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LimitRule } from '../../src/providers/provider.ts';
import { strictServer } from './strict-server.ts';

const CHILD = fileURLToPath(new URL('limit-child.ts', import.meta.url));

export interface LimitRun {
  /** Requests that the server let through and refused. */
  readonly accepted: number;
  readonly refused: number;
  /** What a client that never loses a moment could have had, from the first request on. */
  readonly possible: number;
}

/** Lets processes that share one store press against a server that enforces the limits exactly, for `ms`. `database`: a URL; absent: a file of SQLite. */
export async function pressAgainst(
  rules: readonly LimitRule[],
  { processes, lanes, ms, database }: { processes: number; lanes: number; ms: number; database?: string },
): Promise<LimitRun> {
  const folder = mkdtempSync(join(tmpdir(), 'lwi-limits-'));
  const server = await strictServer(rules);
  try {
    const words = [
      CHILD,
      database ?? join(folder, 'lwi.db'),
      server.url,
      JSON.stringify(rules),
      String(ms),
      String(lanes),
    ];
    const children = await Promise.all(Array.from({ length: processes }, () => started(words)));
    for (const { child } of children) child.stdin.write('go\n');
    await Promise.all(children.map(({ ended }) => ended));
    const [first = 0] = server.accepted;
    const last = first + ms * 0.98;
    const accepted = server.accepted.filter((at) => at < last).length;
    return { accepted, refused: server.refused(), possible: mostIn(rules, ms * 0.98) };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function started(words: readonly string[]) {
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`a child ended with ${code}`);
  });
  const lines = createInterface(child.stdout);
  await Promise.race([once(lines, 'line'), ended]);
  return { child, ended };
}

/** How many requests fit into `ms` when each goes as early as all rules allow. */
function mostIn(rules: readonly LimitRule[], ms: number): number {
  const times: number[] = [];
  for (;;) {
    const earliest = rules.map(({ permits, perMs, burst }) => {
      const before = times[times.length - permits];
      const bursts = times[times.length - burst];
      const paced = bursts === undefined ? 0 : bursts + (Math.min(burst, permits) * perMs) / permits;
      return Math.max(before === undefined ? 0 : before + perMs, paced);
    });
    const next = Math.max(times.at(-1) ?? 0, ...earliest);
    if (next >= ms) return times.length;
    times.push(next);
  }
}
