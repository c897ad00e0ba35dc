import { basename } from 'node:path';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';
import { SHELLS, type Shell } from './shells.ts';

export const define: Define = (parent, run) => {
  parent
    .command('completion [shell]')
    .description(`print the script with which a shell completes lwi: ${SHELLS.join(', ')}`)
    .addHelpText('after', HELP)
    .action(run(completionCommand));
};

const HELP = `
Without a shell it is the one of $SHELL. To have it in every new shell:

  bash         echo 'source <(lwi completion bash)' >> ~/.bashrc
               or, with the package bash-completion, into the file
               ~/.local/share/bash-completion/completions/lwi
  zsh          echo 'source <(lwi completion zsh)' >> ~/.zshrc
               behind the line with compinit; or into a directory of fpath:
               lwi completion zsh > "\${fpath[1]}/_lwi"
  fish         lwi completion fish > ~/.config/fish/completions/lwi.fish
  powershell   lwi completion powershell >> $PROFILE

It completes commands, options and their values, providers, accounts, kinds of
records, events and secrets, read from the home that the line names. No key is
needed, and nothing is sent.`;

async function completionCommand({ terminal, host }: Context, _options: unknown, named?: string): Promise<undefined> {
  const shell = chosenShell(named, host.env['SHELL']);
  const script = await scriptFor(shell);
  if (terminal.json) return void terminal.document({ shell, script });
  terminal.raw(script);
}

/** Throws USAGE. */
function chosenShell(named: string | undefined, running: string | undefined): Shell {
  const name = named ?? (running && basename(running));
  const known = SHELLS.find((shell) => shell === name || (shell === 'powershell' && name === 'pwsh'));
  if (known) return known;
  const hint = `Run \`lwi completion <shell>\` with one of ${SHELLS.join(', ')}.`;
  if (named !== undefined) throw new LwiError('USAGE', 'There is no completion for that shell.', { hint });
  throw new LwiError('USAGE', '$SHELL names no shell that lwi completes in.', { hint });
}

async function scriptFor(shell: Shell): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('./bash-script.ts')).BASH_SCRIPT;
    case 'zsh':
      return (await import('./zsh-script.ts')).ZSH_SCRIPT;
    case 'fish':
      return (await import('./fish-script.ts')).FISH_SCRIPT;
    case 'powershell':
      return (await import('./powershell-script.ts')).POWERSHELL_SCRIPT;
  }
}
