import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeLwi, writeScript } from '../../support/lwi-script.ts';
import { type PageStep, pageSteps } from './page-steps.ts';
import { differenceOf } from './same-output.ts';
import { openShell, type Shell } from './shell.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The machine of somebody who has installed lwi and nothing else of it: no config, no data, no keychain, no browser. */
function openMachine() {
  const place = mkdtempSync(join(tmpdir(), 'lwi-page-'));
  const bin = join(place, 'bin');
  mkdirSync(bin);
  writeLwi(bin);
  writeScript(bin, 'node', `exec '${process.execPath}' "$@"`);
  writeScript(bin, 'npx', `program="$1"; shift; exec '${ROOT}node_modules/.bin/'"$program" "$@"`);
  const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, HOME: place, TMPDIR: tmpdir(), LANG: 'C.UTF-8' };
  const shells: Shell[] = [];
  onTestFinished(async () => {
    for (const shell of shells) await shell.close();
    rmSync(place, { recursive: true, force: true });
  });
  return {
    place,
    /** `exported`: what has been exported in another terminal, in the form of env(1) -0. */
    terminal: (exported = '') => {
      const more = exported.split('\0').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
      const shell = openShell({ cwd: place, env: { ...Object.fromEntries(more.filter(([name]) => name)), ...env } });
      shells.push(shell);
      return shell;
    },
  };
}

type Machine = ReturnType<typeof openMachine>;

/** What is untrue about a step; undefined when it is true. */
async function untruth(machine: Machine, shell: Shell, step: PageStep): Promise<string | undefined> {
  if (step.kind === 'file') return void writeFileSync(join(machine.place, step.name), step.text);
  if (step.kind === 'shown-only') return undefined;
  if (step.beside) {
    const lines = await machine.terminal(await shell.exported()).start(step.command, step.shown?.length ?? 1);
    return step.shown === undefined ? undefined : differenceOf(step.shown, lines);
  }
  // The second company that the page of the mock offers.
  const company = step.shown?.some((line) => line.includes('Logistics Canada')) ? 1 : 0;
  const { code, lines } = await shell.run(step.command, company);
  if (step.shown !== undefined) return differenceOf(step.shown, lines);
  return code === 0 ? undefined : `ended with code ${code}: ${lines.join('\n')}`;
}

describe('followed to the letter, from an empty machine, every command works and its output is the one that is shown', () => {
  test.each(['docs/guide.md', 'docs/webhooks.md', 'docs/recordings.md', 'docs/ci.md', 'docs/adding-a-provider.md'])(
    '%s',
    { timeout: 180_000 },
    async (page) => {
      const machine = openMachine();
      const shell = machine.terminal();
      const untrue: string[] = [];
      for (const step of pageSteps(readFileSync(join(ROOT, page), 'utf8'))) {
        const problem = await untruth(machine, shell, step).catch((error: unknown) => error);
        if (problem !== undefined) untrue.push(`${page}:${step.line}: ${problem}`);
        // What did not end goes on in the terminal.
        if (problem instanceof Error) break;
      }
      expect(untrue.join('\n\n')).toBe('');
    },
  );
});
