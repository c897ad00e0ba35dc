import { accessSync, constants } from 'node:fs';
import { type Check, fail, pass } from '../check.ts';

export interface ProxyDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** As undici's ProxyAgent takes them. */
const SCHEMES = ['http:', 'https:', 'socks:', 'socks5:'];

/**
 * What stands between lwi and the providers. Requests to providers obey these variables by undici's EnvHttpProxyAgent, in which the spelling in small letters goes
 * first and http's proxy serves https where https has none; servers on loopback are reached without, and webhooks that lwi sends go straight to their target.
 */
export function proxyCheck({ environment }: ProxyDeps): Check {
  return {
    name: 'proxy',
    run: async () => {
      const http = environment['http_proxy'] ?? environment['HTTP_PROXY'];
      const https = (environment['https_proxy'] ?? environment['HTTPS_PROXY']) || http;
      for (const [name, value] of [['HTTPS_PROXY', https] as const, ['HTTP_PROXY', http] as const]) {
        if (value && !isProxy(value))
          return fail(`${name} is no URL of a proxy`, `Set ${name} to http://<host>:<port>.`);
      }
      if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
        return fail(
          'NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked, so that anybody on the way can read tokens',
          'Unset it, and name your certificate authority in NODE_EXTRA_CA_CERTS.',
        );
      }
      const authorities = environment['NODE_EXTRA_CA_CERTS'];
      if (authorities && !isReadable(authorities)) {
        return fail(
          'the file in NODE_EXTRA_CA_CERTS cannot be read, and Node goes on without it',
          'Correct the path in NODE_EXTRA_CA_CERTS, or unset it.',
        );
      }
      return pass([...proxyParts(environment, http, https), ...(authorities ? [CERTIFICATES] : [])].join('; '));
    },
  };
}

const CERTIFICATES = 'certificate authorities of NODE_EXTRA_CA_CERTS are trusted as well';

function proxyParts({ ...environment }: ProxyDeps['environment'], http?: string, https?: string): string[] {
  if (http || https) {
    const except = environment['no_proxy'] ?? environment['NO_PROXY'];
    return [
      `providers are reached through ${hostOf(https)} for https, ${hostOf(http)} for http`,
      ...(except ? [`but not ${except}`] : []),
      'webhooks, and whatever is on this machine, go without a proxy',
    ];
  }
  // curl and others know it; undici does not.
  const all = environment['all_proxy'] ?? environment['ALL_PROXY'];
  return [all ? 'none: ALL_PROXY is set, but only HTTPS_PROXY and HTTP_PROXY are obeyed' : 'none'];
}

function isProxy(url: string): boolean {
  return URL.canParse(url) && SCHEMES.includes(new URL(url).protocol);
}

/** Without user and password. */
function hostOf(url: string | undefined): string {
  if (!url) return 'no proxy';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
