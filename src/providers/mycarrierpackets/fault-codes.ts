import type { FaultCode } from '../provider.ts';

interface McpFaultCode extends FaultCode {
  /** Which words of `ResponseDO.status` it stands for. */
  readonly words?: RegExp;
}

/**
 * The parts of an answer that say more here than elsewhere. 404 is an unknown carrier, 401 a token to be renewed (freightCognition/mcp-slackbot
 * `app.js`). Which words `ResponseDO.status` uses for failure is not documented: those of its Swagger models' field names and of .NET are taken.
 */
export const faultCodes: readonly McpFaultCode[] = [
  { code: '401', error: 'UNAUTHORIZED', meaning: 'the access token was not accepted' },
  { code: '404', error: 'NOT_FOUND', meaning: 'no such carrier or document' },
  { code: 'Success: false', error: 'PROVIDER_REFUSED', meaning: 'refused inside a 200' },
  { code: 'succeeded: false', error: 'PROVIDER_REFUSED', meaning: 'refused inside a 200' },
  ...[
    { words: /not.?found/i, error: 'NOT_FOUND', meaning: 'no such carrier or document' } as const,
    { words: /denied|unauthor|forbidden/i, error: 'FORBIDDEN', meaning: 'the user may not do it' } as const,
    { words: /invalid/i, error: 'VALIDATION_FAILED', meaning: 'the data do not fit' } as const,
    { words: /fail|error|exception/i, error: 'PROVIDER_REFUSED', meaning: 'refused inside a 200' } as const,
  ].map((row) => ({ ...row, code: `ResponseDO.status: ${row.words.source.replace('.?', ' ').replaceAll('|', ', ')}` })),
];

/** The row of a status or a flag. */
export function rowOfFaultCode(code: string): FaultCode | undefined {
  return faultCodes.find((row) => row.code === code);
}

/** The row of the word in `ResponseDO.status`; undefined where it speaks of no failure. */
export function rowOfOutcome(word: string): FaultCode | undefined {
  return faultCodes.find(({ words }) => words?.test(word));
}
