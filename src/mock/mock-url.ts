/** Port that `lwi mock` listens on when none is given. */
export const DEFAULT_MOCK_PORT = 4680;

/** Where `--env mock` finds the mock: `LWI_MOCK_URL`, else the default port on loopback. Without a slash at the end. */
export function mockUrl(environment: Readonly<Record<string, string | undefined>>): string {
  return (environment['LWI_MOCK_URL'] || `http://127.0.0.1:${DEFAULT_MOCK_PORT}`).replace(/\/+$/, '');
}
