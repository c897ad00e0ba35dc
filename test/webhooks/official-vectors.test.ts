import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { PRESETS, type PresetName } from '../../src/webhooks/presets.ts';
import type { Verdict } from '../../src/webhooks/scheme.ts';
import { verify } from '../../src/webhooks/verify.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';

/** Made by the packages of the providers; see `generate.mjs` beside the files. */
const FOLDER = fileURLToPath(new URL('../fixtures/webhook-vectors', import.meta.url));

interface Vector {
  readonly by: string;
  readonly scheme: PresetName;
  readonly secrets: readonly string[];
  /** ms. */
  readonly at: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers: Record<string, string | string[]>;
  readonly body?: string;
  readonly bodyBase64?: string;
  /** What the package says. */
  readonly official: boolean;
  /** What lwi must say. */
  readonly verdict: Verdict;
  /** Why the two differ. */
  readonly reason?: Reason;
  readonly note: string;
}

/** Where lwi differs from a package on purpose. The first two are deliveries that lwi verifies and the package does not. */
const REASONS = {
  text: 'the package reads the body as text, which changes bytes that are no UTF-8 or takes a byte order mark off',
  empty: 'the package refuses an empty body, whatever its signature',
  future: 'the package looks at the past only',
  'loose-time': 'the package takes a time that no provider writes',
  junk: 'the package passes over what stands behind the signature or in front of it',
  duplicate: 'the package does not see that a header, or the time in it, came twice',
  blank: 'the package takes a blank in an entry that holds the time',
  names: 'the package mixes the two sets of header names',
  id: 'the package takes an id that is no visible ASCII',
} as const;
type Reason = keyof typeof REASONS;

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));
const read = (file: string) =>
  readFileSync(join(FOLDER, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Vector);
const vectors = files.flatMap(read);

function judged({ scheme, secrets, at, method, path, headers, body, bodyBase64 }: Vector): Verdict {
  const bytes = bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64');
  const keys = secrets.map((secret) => new Secret(secret));
  return verify({ scheme: PRESETS[scheme], secrets: keys, headers, body: bytes, now: at, method, path }).verdict;
}

describe('deliveries that the packages of the providers signed and judged', () => {
  test.each(files)('%s: no wrong verdict', (file) => {
    const all = read(file);
    const wrong = all.map((vector) => ({ note: vector.note, expected: vector.verdict, given: judged(vector) }));
    expect(wrong.filter(({ expected, given }) => expected !== given)).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
  });

  test('lwi and the package agree, but where a reason is given', () => {
    const agreeing = vectors.filter(({ reason }) => reason === undefined);
    const broken = agreeing.filter(({ verdict, official }) => (verdict === 'verified') !== official);
    expect(broken.map(({ by, note }) => `${by}: ${note}`)).toEqual([]);
    expect(agreeing.length).toBeGreaterThan(1000);
    expect(agreeing.filter(({ official }) => official).length).toBeGreaterThan(300);
  });

  test('a reason stands only where they do differ, and only raw bytes make lwi verify what a package refuses', () => {
    const differing = vectors.filter(({ reason }) => reason !== undefined);
    for (const { reason = '', verdict, official, note } of differing) {
      expect([note, Object.hasOwn(REASONS, reason), (verdict === 'verified') !== official]).toEqual([note, true, true]);
      if (verdict === 'verified') expect(['text', 'empty']).toContain(reason);
    }
    const counts = Object.fromEntries(
      Object.keys(REASONS).map((name) => [name, differing.filter(({ reason }) => reason === name).length]),
    );
    expect(counts).toEqual({
      ...{ text: 42, empty: 2, future: 11, 'loose-time': 25, junk: 6, duplicate: 13, blank: 1, names: 2, id: 4 },
    });
  });
});

describe('the same through the command', () => {
  /** Those of a file that are judged with the same secrets at the same time. */
  function mostAlike(file: string): readonly Vector[] {
    const groups = Map.groupBy(read(file), ({ secrets, at }) => JSON.stringify([secrets, at]));
    return [...groups.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
  }

  async function judgedBy(lwi: Scenario, group: readonly Vector[], inputs: string[]): Promise<string[]> {
    const [{ scheme, secrets, at } = { scheme: '', secrets: [''], at: 0 }] = group;
    const words = ['webhook', 'verify', '--scheme', scheme, ...inputs, '--at', new Date(at).toISOString(), '--json'];
    const { code, stdout } = await lwi.run(words, { env: { LWI_WEBHOOK_SECRET: secrets.join('\n') } });
    expect(code).toBe(6);
    return (JSON.parse(stdout) as { results: { verdict: string }[] }).results.map(({ verdict }) => verdict);
  }

  test.each(files)('%s: fixtures in a directory, and as JSON lines', async (file) => {
    const lwi = await openScenario();
    const group = mostAlike(file);
    const folder = join(lwi.home, 'vectors');
    mkdirSync(folder, { recursive: true });
    for (const [index, vector] of group.entries()) {
      writeFileSync(join(folder, `${String(index).padStart(4, '0')}.json`), JSON.stringify(vector, null, 2));
    }
    const lines = join(lwi.home, 'vectors.jsonl');
    writeFileSync(lines, group.map((vector) => `${JSON.stringify(vector)}\n`).join(''));
    const expected = group.map(({ verdict }) => verdict);
    expect(expected.length).toBeGreaterThan(90);
    expect(await judgedBy(lwi, group, [folder])).toEqual(expected);
    expect(await judgedBy(lwi, group, [lines])).toEqual(expected);
  });
});
