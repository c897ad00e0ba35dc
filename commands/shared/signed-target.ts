import { LwiError } from '../../src/errors.ts';

/** Method and URL of a delivery, for schemes that sign them. */
export interface SignedTarget {
  readonly method?: string;
  /** Absolute. */
  readonly url?: string;
}

/** Those of `--method` and `--url`. Throws USAGE when one is none. */
export function signedTarget({ method, url }: { method?: string | undefined; url?: string | undefined }): SignedTarget {
  if (method !== undefined && !/^[A-Z]{1,20}$/.test(method)) {
    throw new LwiError('USAGE', `--method takes a method in capitals such as POST, not "${method}".`);
  }
  // Taken as it is spelled: what was signed is text. `URL` would write it anew.
  if (url !== undefined && !(/^https?:\/\/[^\s/]/.test(url) && URL.canParse(url))) {
    throw new LwiError('USAGE', '--url takes the whole URL, as in https://hooks.example.com/in?a=b.');
  }
  return { ...(method === undefined ? {} : { method }), ...(url === undefined ? {} : { url }) };
}
