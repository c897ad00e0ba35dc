import type { Host } from '../../src/host.ts';

/**
 * Whether a browser is to be opened on this machine: not with --no-browser, not where there is none (SSH, no display); `BROWSER` names one
 * everywhere.
 */
export function browserHere(host: Pick<Host, 'env' | 'platform'>, options: { readonly browser: boolean }): boolean {
  const { BROWSER, DISPLAY, SSH_CONNECTION, SSH_TTY, WAYLAND_DISPLAY } = host.env;
  const display = host.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
  return options.browser && Boolean(BROWSER || (display && !SSH_CONNECTION && !SSH_TTY));
}
