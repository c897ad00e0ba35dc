import type { Host } from '../../src/host.ts';

/** Whether the person sits at another machine. */
export function isRemote({ env }: Pick<Host, 'env'>): boolean {
  return Boolean(env['SSH_CONNECTION'] || env['SSH_TTY']);
}

/**
 * Whether a browser is to be opened on this machine: not with --no-browser, not where there is none (SSH, no display); `BROWSER` names one
 * everywhere.
 */
export function browserHere(host: Pick<Host, 'env' | 'platform'>, options: { readonly browser: boolean }): boolean {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = host.env;
  const display = host.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
  return options.browser && Boolean(BROWSER || (display && !isRemote(host)));
}
