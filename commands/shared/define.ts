import type { Command } from 'commander';
import type { Context } from '../../src/context.ts';

/**
 * What a command does: works with the context, its own options and its arguments, and returns an exit code other than 0 if it has one.
 * Knows nothing of commander.
 */
export type Handler<Options, Args extends readonly unknown[]> = (
  context: Context,
  options: Options,
  ...args: Args
) => Promise<number | undefined>;

/** Turns a handler into a commander action: makes the context, closes it, keeps the exit code. */
export type Run = <Options, Args extends readonly unknown[]>(
  handler: Handler<Options, Args>,
) => (...input: unknown[]) => Promise<void>;

/**
 * Every command file exports one: it describes the command to commander and names the handler. A group leaves its verbs out when they are not
 * `wanted`: the list of all commands does not show them.
 */
export type Define = (parent: Command, run: Run, wanted: boolean) => void;
