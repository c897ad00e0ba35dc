import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';
import { addForwardOptions } from '../shared/forward-options.ts';
import { RECEIVER_HELP } from '../shared/receiver-help.ts';
import type { ReceiverCommandOptions } from '../shared/run-receiver.ts';

export const define: Define = (parent, run) => {
  const command = parent
    .command('listen')
    .description('receive webhooks, keep them durably and forward them, until stopped')
    .option('--port <n>', 'port to listen on (default: 4681; 0: any free one)')
    .option('--host <ip>', 'address to listen on (default: 127.0.0.1)');
  addForwardOptions(command)
    .option('--max-body <size>', 'largest body that is taken (default: 1mb)')
    .addHelpText('after', HELP)
    .action(run(listen));
};

async function listen(context: Context, options: ReceiverCommandOptions): Promise<never> {
  const { runListen } = await import('../listen/run-listen.ts');
  return runListen(context, options);
}

const HELP = `${RECEIVER_HELP}
\`lwi webhook list\` shows what came; \`lwi serve\` applies events to the local
store as well.`;
