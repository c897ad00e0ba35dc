import { LwiError } from '../../src/errors.ts';

/** Without white space in front, and with both slashes, where a URL object would be more forgiving than whoever reads the command line. */
const HTTP = /^https?:\/\/[^/\\]/i;

/**
 * Reads the URL of an option to which webhooks are sent; its `href` is what is known of it in the store, so that one address has one name. A fragment is never
 * sent, and is left out. Throws USAGE, never with a password in it.
 */
export function httpTarget(text: string, option: string): URL {
  const url = HTTP.test(text) ? URL.parse(text) : null;
  if (!url) {
    // What is no address may still hold a password, between the user name and an @.
    const given = text.includes('@') ? '' : `, not "${text.slice(0, 200)}"`;
    throw new LwiError('USAGE', `${option} takes an http or https address${given}.`);
  }
  if (url.username !== '' || url.password !== '')
    throw new LwiError('USAGE', `${option} must not hold a user name or password: others can read the command line.`);
  url.hash = '';
  return url;
}
