import { isLoopbackHost } from './loopback-host.ts';

/**
 * Whether `text` is an absolute URL that may carry credentials: https, or plain http on a loopback host; no user name,
 * password or fragment in it.
 */
export function isSecureUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || text.includes('#')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
