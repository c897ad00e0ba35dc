import type { Command } from 'commander';
import type { Context } from '../../src/context.ts';

/** As far as topics need it: they tell of the config's providers too. */
export type TopicContext = Pick<Context, 'config' | 'providers'>;

/** A paragraph under a term, as help shows it. */
export interface Entry {
  readonly term: string;
  /** Sentences; they are broken into lines that fit. */
  readonly text: string;
}

/** Entries that belong together. */
export interface Section {
  readonly heading?: string;
  /** A paragraph before the entries. */
  readonly about?: string;
  readonly entries: readonly Entry[];
}

/** What help has to say of a topic: for people, and the same as data for `--json`. */
export interface TopicContent {
  readonly sections: readonly Section[];
  readonly data: object;
}

/** A page of help that belongs to no command. */
export interface Topic {
  /** What it is about, in a few words, without a full stop. */
  readonly about: string;
  /** Makes it; whatever it needs is loaded now. */
  content(context: TopicContext, program: Command): Promise<TopicContent>;
}
