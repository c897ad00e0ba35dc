/**
 * Whether a host name never leaves the machine: localhost, 127.0.0.0/8 and ::1, the IPv6 address with brackets (as `URL.hostname` spells
 * it) or without. Only on these is plain http accepted and a redirect listened for (RFC 8252, 7.3 and 8.3).
 */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/.test(hostname);
}

/** Whether an http URL spells out port 80, which a parsed URL no longer shows (https://url.spec.whatwg.org/#default-port). */
export function namesPort80(url: string): boolean {
  return /^http:\/\/[^/?#]*:80(?:[/?#]|$)/i.test(url);
}
