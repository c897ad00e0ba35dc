import { ENVIRONMENT_VARIABLES, VARIABLE_GROUPS } from '../../src/environment-variables.ts';
import type { TopicContent } from './topic.ts';

/** `lwi help environment`. */
export function environmentTopic(): TopicContent {
  return {
    data: ENVIRONMENT_VARIABLES,
    sections: Object.entries(VARIABLE_GROUPS).map(([group, about]) => ({
      ...{ heading: group, about },
      entries: ENVIRONMENT_VARIABLES.filter((variable) => variable.group === group).map(({ name, does, readBy }) => ({
        term: name,
        text: readBy === undefined ? does : `${does} Read by ${readBy}.`,
      })),
    })),
  };
}
