import { EXIT_CODE_FACTS } from './error-facts.ts';
import type { TopicContent } from './topic.ts';

/** `lwi help exit-codes`. */
export function exitCodesTopic(): TopicContent {
  return {
    data: EXIT_CODE_FACTS,
    sections: [
      {
        about:
          'Every command ends with one of these. `lwi exec` passes on the exit code of its command, and `webhook verify` ends with 6 without an error.',
        entries: EXIT_CODE_FACTS.map(({ exitCode, meaning, errors }) => ({
          term: String(exitCode),
          text: `${meaning}.${errors.length > 0 ? ` ${errors.join(', ')}` : ''}`,
        })),
      },
    ],
  };
}
