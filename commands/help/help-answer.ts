import type { Command } from 'commander';
import { commandFacts, commandNamed } from './command-tree.ts';
import { ERROR_FACTS } from './error-facts.ts';
import { errorTopic } from './errors-topic.ts';
import type { Section, TopicContent, TopicContext } from './topic.ts';
import { TOPIC_NAMES } from './topic-names.ts';
import { TOPICS } from './topics.ts';

/** What help has found. */
export interface HelpAnswer {
  /** Its own help is shown first. */
  readonly command?: Command | undefined;
  readonly sections?: readonly Section[] | undefined;
  /** The same for `--json`. */
  readonly data: object;
}

/**
 * What these words ask for: a command, a topic or an error code; where a command and a topic have one name (`limits`), both. Undefined when there is no such
 * thing. Throws what a topic throws.
 */
export async function helpAnswer(
  context: TopicContext,
  program: Command,
  words: readonly string[],
): Promise<HelpAnswer | undefined> {
  const command = commandNamed(program, words);
  const content = await contentOf(context, program, words);
  if (!command) return content;
  return { command, sections: content?.sections, data: { ...documentOf(command), ...content?.data } };
}

async function contentOf(
  context: TopicContext,
  program: Command,
  words: readonly string[],
): Promise<TopicContent | undefined> {
  const [first = '', ...others] = words;
  const [code, ...more] = first === 'errors' && others.length > 0 ? others : words;
  const error = ERROR_FACTS.find((fact) => fact.code === code?.toUpperCase().replaceAll('-', '_'));
  if (error && more.length === 0) return errorTopic(error);
  const topic = TOPIC_NAMES.find((name) => name === first);
  return topic && others.length === 0 ? TOPICS[topic].content(context, program) : undefined;
}

/** The command; for the program also the topics. */
function documentOf(command: Command): object {
  if (command.parent) return commandFacts(command);
  const topics = TOPIC_NAMES.map((name) => ({ topic: name, about: TOPICS[name].about }));
  return { ...commandFacts(command), topics };
}
