import { LwiError } from '../errors.ts';

/** The error of an input that is neither a webhook fixture nor a request; `what` says why and quotes no content. */
export function malformedInput(what: string): LwiError {
  return new LwiError('INPUT_INVALID', `not a webhook fixture or HTTP request: ${what}`, {
    hint: 'Give a fixture {provider, method, path, headers, body} in JSON, or a raw HTTP/1.1 request.',
  });
}
