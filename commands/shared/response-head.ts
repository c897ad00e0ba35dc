import { LwiError } from '../../src/errors.ts';

/** More lines than this are not the head of an answer. */
const MOST_LINES = 1000;

/**
 * The headers of an answer's head as text, names in lower case: with or without a status line (RFC 9112, 4; `HTTP 200` of `lwi api -i`), up to the first empty line. Of several
 * heads one behind the other (`curl -i` shows those of redirects and of 100 Continue) the last one counts. Throws INPUT_INVALID naming
 * `source` and the line.
 */
export function responseHead(text: string, source: string): [name: string, value: string][] {
  let pairs: [string, string][] = [];
  let over = false;
  for (const [index, line] of text.split(/\r?\n/, MOST_LINES).entries()) {
    if (/^HTTP(\/\d(\.\d)?)? \d{3}/.test(line)) {
      pairs = [];
      over = false;
    } else if (line.trim() === '') {
      over = pairs.length > 0;
    } else if (!over) {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) {
        throw new LwiError('INPUT_INVALID', `Line ${index + 1} of ${source} is no header "Name: value".`);
      }
      pairs.push([name.toLowerCase(), value.trim()]);
    }
  }
  return pairs;
}
