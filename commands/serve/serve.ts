import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';
import { addForwardOptions } from '../shared/forward-options.ts';
import type { ForwardOptions } from '../shared/forwarding.ts';
import { RECEIVER_HELP } from '../shared/receiver-help.ts';

export interface ServeOptions extends ForwardOptions {
  readonly port?: string;
  readonly host?: string;
  readonly interval: string;
}

export const define: Define = (parent, run) => {
  const command = parent
    .command('serve [providers...]')
    .description('keep the local store current: receive webhooks, and poll on an interval, until stopped')
    .option('--port <n>', 'port to listen on (default: 4681; 0: any free one)')
    .option('--host <ip>', 'address to listen on (default: 127.0.0.1)')
    .option('--interval <span>', 'between two polls, at least 10s', '15m');
  addForwardOptions(command).addHelpText('after', RECEIVER_HELP).action(run(serve));
};

async function serve(context: Context, options: ServeOptions, ids: readonly string[]): Promise<never> {
  const { runServe } = await import('./run-serve.ts');
  return runServe(context, options, ids);
}
