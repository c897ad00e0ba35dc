/** The topics of `lwi help`, in the order in which it lists them. */
export const TOPIC_NAMES = ['exit-codes', 'environment', 'providers', 'errors', 'limits', 'reference'] as const;

export type TopicName = (typeof TOPIC_NAMES)[number];
