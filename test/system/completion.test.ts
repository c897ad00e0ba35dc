import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeLwi } from '../support/lwi-script.ts';
import { openScenario } from '../support/scenario.ts';
import { changeStore } from '../support/store-file.ts';

const LIMIT_MS = 30_000;

/** Ids of events as somebody could send them who knows the secret; each would run a command or break a word that is not quoted. */
const HOSTILE = ['x$(touch pwned)', 'y`touch pwned`', 'z;touch pwned', 'colon:a b', "quo'te", 'line\ntouch pwned'];

/** A home with a connection and such events, and a folder whose `bin` has the command. */
async function openHome() {
  const lwi = await openScenario();
  await lwi.json(['connect', 'mycarrierpackets']);
  const rows = HOSTILE.map(
    (key) =>
      `('default', 'slack', '${key.replaceAll("'", "''")}', 'message', 'POST', '/', '[]', x'', 1, 'received', 0)`,
  );
  changeStore(
    lwi.home,
    `INSERT INTO inbox (account_id, provider, key, type, method, path, headers, body, received_at, state, due_at) VALUES ${rows.join()}`,
  );
  writeLwi(lwi.cwd);
  lwi.write('notes.har', '');
  return {
    ...lwi,
    /** What a shell makes of a script: its lines on stdout. Anything on stderr fails. */
    shell: (program: string, ...args: readonly string[]) => {
      const env = { ...lwi.env, PATH: `${lwi.cwd}:${lwi.env['PATH']}`, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
      const ran = spawnSync(program, args, { cwd: lwi.cwd, env, encoding: 'utf8', timeout: LIMIT_MS });
      expect(ran.stderr).toBe('');
      expect(existsSync(join(lwi.cwd, 'pwned'))).toBe(false);
      return ran.stdout.replace(/\n$/, '').split('\n');
    },
  };
}

function missing(program: string): string | undefined {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
  return found ? undefined : `${program} is not installed`;
}

describe.skipIf(process.platform === 'win32')('completion in real shells', () => {
  test('bash', async ({ skip }) => {
    skip(missing('bash') !== undefined, missing('bash'));
    const { shell } = await openHome();
    const script = `
source <(lwi completion bash)
source <(lwi completion bash)
try() {
  COMP_LINE=$1 COMP_POINT=\${#1}; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _lwi_complete; (IFS='|'; echo "\${COMPREPLY[*]}")
}
try 'lwi tok' lwi tok
try 'lwi token get ' lwi token get ''
try 'lwi --env=s' lwi --env = s
try 'lwi webhook show ' lwi webhook show ''
try 'lwi webhook show colon:' lwi webhook show colon :
try 'lwi webhook show "x' lwi webhook show '"x'
try 'lwi -a $(touch pwned) stat' lwi -a '$(touch pwned)' stat
complete -p lwi
`;
    expect(shell('bash', '--norc', '--noprofile', '-c', script)).toEqual([
      'token',
      'mycarrierpackets|quickbooks|slack',
      'sandbox',
      String.raw`quo\'te|colon:a\ b|z\;touch\ pwned|y\`touch\ pwned\`|x\$\(touch\ pwned\)`,
      String.raw`a\ b`,
      '',
      'status',
      'complete -o default -F _lwi_complete lwi',
    ]);
  });

  test('zsh, at a terminal', async ({ skip }) => {
    skip(missing('zsh') !== undefined, missing('zsh'));
    const { shell, cwd } = await openHome();
    // Presses Tab in a zsh of its own, and then a key that shows the line as it is.
    const script = `
zmodload zsh/zpty
zpty z 'exec zsh -f -i'
zpty -w z "PS1=; stty -echo; autoload -Uz compinit; compinit -D -u; source <(lwi completion zsh); show() { print -rn -- \\"<<\\$BUFFER>>\\" >/dev/tty; BUFFER= }; zle -N show; bindkey '^X' show; print read'y'"
zpty -r z seen '*ready*'
for line in 'lwi tok' 'lwi --env=s' 'lwi webhook show x' 'lwi webhook show colon:' 'lwi webhook show "y' 'lwi api slack / --record n'; do
  zpty -w -n z "$line"$'\\t\\030'
  zpty -r z seen '*>>*'
  print -r -- "\${\${seen##*<<}%%>>*}"
done
`;
    expect(shell('zsh', '-f', '-c', script)).toEqual([
      'lwi token ',
      'lwi --env=sandbox ',
      String.raw`lwi webhook show x\$\(touch\ pwned\) `,
      String.raw`lwi webhook show colon:a\ b `,
      'lwi webhook show "y\\`touch pwned\\`" ',
      'lwi api slack / --record notes.har ',
    ]);
    expect(readdirSync(cwd).sort()).toEqual(['home', 'lwi', 'notes.har']);
  });

  test('fish', async ({ skip }) => {
    skip(missing('fish') !== undefined, missing('fish'));
    const { shell } = await openHome();
    const script = `
lwi completion fish | source
for line in 'lwi tok' 'lwi --env=s' 'lwi token get m' 'lwi webhook show ' 'lwi -a (touch pwned) stat' 'lwi key import --key-file=no'
  complete -C $line | string replace -r '\\t.*' ''
end
`;
    expect(shell('fish', '--no-config', '-c', script)).toEqual([
      ...['token', '--env=sandbox', 'mycarrierpackets'],
      ...HOSTILE.slice(0, -1).toReversed(),
      ...['status', '--key-file=notes.har'],
    ]);
  });

  test('PowerShell', async ({ skip }) => {
    skip(missing('pwsh') !== undefined, missing('pwsh'));
    const { shell } = await openHome();
    const script = `
lwi completion powershell | Out-String | Invoke-Expression
foreach ($line in 'lwi tok', 'lwi --env=s', 'lwi token get m', 'lwi webhook show x') {
  (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText
}
`;
    expect(shell('pwsh', '-NoProfile', '-NonInteractive', '-Command', script)).toEqual([
      ...['token', '--env=sandbox', 'mycarrierpackets'],
      "'x$(touch pwned)'",
    ]);
  });
});
