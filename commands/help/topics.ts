import { errorsTopic } from './errors-topic.ts';
import type { Topic } from './topic.ts';
import type { TopicName } from './topic-names.ts';

/** The topics of `lwi help`. The content of each is loaded when somebody asks for it. */
export const TOPICS: Readonly<Record<TopicName, Topic>> = {
  'exit-codes': {
    about: 'what each exit code means',
    content: async () => (await import('./exit-codes-topic.ts')).exitCodesTopic(),
  },
  environment: {
    about: 'every environment variable that lwi reads',
    content: async () => (await import('./environment-topic.ts')).environmentTopic(),
  },
  providers: {
    about: 'the providers, built in and your own, and what each needs',
    content: async (context) => (await import('./providers-topic.ts')).providersTopic(context),
  },
  errors: {
    about: 'every error code with its remedy; `lwi help errors KEY_WRONG` shows one',
    content: async () => errorsTopic(),
  },
  // Also the name of a command, whose help stands before it.
  limits: {
    about: 'limits of the providers, timeouts, retries and sizes, and what changes them',
    content: async (context) => (await import('./limits-topic.ts')).limitsTopic(context),
  },
  reference: {
    about: 'every command with its options',
    content: async (_, program) => (await import('./reference-topic.ts')).referenceTopic(program),
  },
};
