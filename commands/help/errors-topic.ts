import { ERROR_FACTS, type ErrorFact, EXIT_CODE_FACTS } from './error-facts.ts';
import type { TopicContent } from './topic.ts';

/** `lwi help errors`. */
export function errorsTopic(): TopicContent {
  return {
    data: ERROR_FACTS,
    sections: EXIT_CODE_FACTS.filter(({ errors }) => errors.length > 0).map(({ exitCode, meaning }) => ({
      heading: `${meaning}: exit code ${exitCode}`,
      entries: ERROR_FACTS.filter((fact) => fact.exitCode === exitCode).map((fact) => ({
        term: fact.code,
        text: `${fact.meaning}${fact.retryable ? ' Retryable.' : ''} ${fact.remedy}`,
      })),
    })),
  };
}

/** `lwi help errors <code>`. */
export function errorTopic(fact: ErrorFact): TopicContent {
  const { code, meaning, category, exitCode, retryable, remedy } = fact;
  return {
    data: fact,
    sections: [
      {
        ...{ heading: code, about: meaning },
        entries: [
          { term: 'exit code', text: `${exitCode} (${category})` },
          {
            term: 'retryable',
            text: retryable ? 'yes, the same command may succeed later' : 'no, something must be changed first',
          },
          { term: 'what to do', text: remedy },
        ],
      },
    ],
  };
}
