import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { harProblems } from '../support/har-shape.ts';
import { openTokens, shownIn } from '../support/planted.ts';
import { documentOf } from '../support/scenario.ts';
import { type Machine, missingFor, openSandbox, SANDBOXES } from './sandbox.ts';

/** Records a command, expects that its replay prints the same, and keeps the file in `LWI_SANDBOX_RECORD` where that is set. */
async function recorded({ run, home, key }: Machine, name: string, words: readonly string[]): Promise<string> {
  const file = join(temporaryDirectory(), `${name}.har`);
  const first = await run([...words, '--record', file]);
  if (first.code !== 0) throw new Error(`code ${first.code}: ${first.stderr}`);
  const content = readFileSync(file);
  expect(harProblems(JSON.parse(content.toString()))).toEqual([]);
  if (key !== '') {
    const tokens = Object.fromEntries((await openTokens(home, key)).map((token, at) => [`token ${at}`, token]));
    expect(shownIn(content, tokens)).toEqual([]);
  }
  const again = await run([...words, '--replay', file]);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: first.stdout });
  const keep = process.env['LWI_SANDBOX_RECORD'];
  if (keep) {
    mkdirSync(keep, { recursive: true, mode: 0o700 });
    copyFileSync(file, join(keep, `${name}.har`));
  }
  return first.stdout;
}

describe.each(SANDBOXES)('the sandbox of $provider', (sandbox) => {
  const { provider, probe, entities } = sandbox;
  const missing = missingFor(sandbox);
  beforeEach(({ skip }) => skip(missing !== undefined, missing));

  test('takes the token, answers a read, and is synced twice; each is recorded and replayed', async ({ skip }) => {
    const machine = await openSandbox(sandbox);
    if (!machine) return skip(`${provider} is not connected in LWI_SANDBOX_HOME`);
    const inspected = documentOf(await machine.run(['token', 'inspect', provider, '--json']));
    expect(inspected).toMatchObject({ provider, env: sandbox.env });
    expect(JSON.parse(await recorded(machine, `${provider}-api`, ['api', provider, ...probe]))).toEqual(
      expect.anything(),
    );
    const words = ['sync', provider, '--json', '--since', '30d', '--entity', ...entities];
    const first = JSON.parse(await recorded(machine, `${provider}-sync`, words)) as { entities: object[] };
    expect(first.entities).toHaveLength(entities.length);
    const second = JSON.parse(await recorded(machine, `${provider}-sync-again`, words)) as { entities: object[] };
    expect(second.entities.map((entity) => 'error' in entity)).toEqual(entities.map(() => false));
  });
});
