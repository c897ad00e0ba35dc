import type { Context } from '../../src/context.ts';
import { type ReceiverCommandOptions, runReceiver } from '../shared/run-receiver.ts';
import { keepPruned } from './keep-pruned.ts';
import { listenParts } from './listen-parts.ts';

/** `lwi webhook listen`: receiver and forwarding, and nothing that applies events. */
export function runListen(context: Context, options: ReceiverCommandOptions): Promise<never> {
  return runReceiver(context, options, async (choice) => {
    const parts = await listenParts(context, choice);
    await parts.warnOfMissingSecrets();
    return { ...parts, beside: async (signal) => [keepPruned({ ...parts, clock: context.clock, signal })] };
  });
}
