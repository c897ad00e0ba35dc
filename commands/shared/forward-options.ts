import type { Command } from 'commander';

/** The options of commands that forward what they receive; see `ForwardOptions`. */
export function addForwardOptions(command: Command): Command {
  return command
    .option(
      '--forward-to <url>',
      'send every event there once it is stored, a host alone to its path /; repeatable',
      (url: string, before: readonly string[] = []) => [...before, url],
    )
    .option('--concurrency <n>', 'requests to one target at once (default: 10)')
    .option('--timeout <span>', 'for one attempt (default: 10s)')
    .option('--retry-for <span>', 'how long a failed event is tried again (default: 1d)');
}
