import type { Command } from 'commander';
import { LwiError } from '../../src/errors.ts';
import type { Handler } from './define.ts';
import { liveContext, type RecordableContext } from './recordable.ts';

/** The two options of every command that can be recorded. */
export interface CassetteOptions {
  readonly record?: string;
  readonly replay?: string;
}

/** Adds `--record` and `--replay` to a command; its handler must be `recordable`. */
export function cassetteOptions(command: Command): Command {
  return command
    .option('--record <file.har>', 'write the exchanges with the API into an HTTP archive, without secrets')
    .option('--replay <file.har>', 'answer from such a file; nothing is sent and nothing is stored');
}

/** A handler that works on the live world, on one that is being recorded, or on a recording. */
export function recordable<Options, Args extends readonly unknown[]>(
  handler: (context: RecordableContext, options: Options, ...args: Args) => Promise<number | undefined>,
): Handler<Options & CassetteOptions, Args> {
  return async (context, options, ...args) => {
    const { record, replay } = options;
    if (record !== undefined && replay !== undefined)
      throw new LwiError('USAGE', 'Give --record or --replay, not both.');
    const work = (world: RecordableContext) => handler(world, options, ...args);
    if (record !== undefined) {
      const { recordTo } = await import('./record-to.ts');
      return recordTo(context, record, work);
    }
    if (replay !== undefined) {
      const { replayFrom } = await import('./replay-from.ts');
      return replayFrom(context, replay, work);
    }
    return work(liveContext(context));
  };
}
