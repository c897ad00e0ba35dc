import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';

const FULL = '/dev/full';

test.skipIf(!existsSync(FULL))(
  'a trace that finds a full disk does not cost the answer of the token endpoint',
  async () => {
    const lwi = await openScenario({ rotateAlways: true });
    await lwi.connected(['quickbooks']);
    const words = ['token', 'refresh', 'quickbooks', '--force', '--json'];
    const ran = await lwi.run([...words, '-vv'], { shell: `$LWI "$@" 2>${FULL}` });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('"outcome":"refreshed"') });
    expect(queryStore(lwi.home, 'SELECT generation AS n, rotation_owner AS note FROM oauth_tokens')).toEqual([
      { n: 2, note: null },
    ]);
    // The new token is the one that is kept: the next refresh is taken, too.
    expect(await lwi.run(words)).toMatchObject({ code: 0 });
    // An error that nobody can read keeps its code.
    expect(await lwi.run(['token', 'get', 'slack'], { shell: `$LWI "$@" 2>${FULL}` })).toMatchObject({ code: 3 });
  },
);

test.skipIf(!existsSync(FULL))('a result that finds a full disk is code 7, and no defect', async () => {
  const lwi = await openScenario();
  await lwi.connected(['quickbooks']);
  const ran = await lwi.run(['token', 'get', 'quickbooks'], { shell: `$LWI "$@" >${FULL}` });
  expect(ran).toMatchObject({ code: 7, stderr: expect.stringContaining('the disk is full (ENOSPC)') });
});
