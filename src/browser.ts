import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';

/**
 * Opens a URL in the person's browser and does not wait for it; `failed` is called once when none could be started, or when what was
 * started ended with an error. The URL is an argument of the launcher, never part of a shell line, and only http and https are opened,
 * whatever a provider's definition says.
 *
 * `chosen` is the value of `BROWSER`: commands separated as in PATH, tried in their order, `%s` in one stands for the URL, which else comes
 * last (the convention of sensible-browser(1) and xdg-open(1); the latter heeds it on some desktops only). Without it the desktop's own
 * choice is taken.
 */
export async function openBrowser(url: URL, chosen: string | undefined, failed: () => void): Promise<void> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return failed();
  const commands = (chosen ?? '').split(delimiter).flatMap((line) => line.trim() || []);
  if (commands.length > 0) return tryEach(commands, url.href, failed);
  const { default: open } = await import('open');
  try {
    const launcher = await open(url.href);
    // xdg-open starts even where there is nothing to open with, and then ends with 3 or 4.
    if (launcher.exitCode) return failed();
    launcher.once('exit', (code) => void (code && failed()));
  } catch {
    failed();
  }
}

function tryEach([command, ...rest]: readonly string[], url: string, failed: () => void): void {
  if (command === undefined) {
    failed();
    return;
  }
  const [program = '', ...words] = command.split(/\s+/);
  const named = words.some((word) => word.includes('%s'));
  const browser = spawn(program, named ? words.map((word) => word.replaceAll('%s', () => url)) : [...words, url], {
    stdio: 'ignore',
    detached: true,
  });
  const next = () => tryEach(rest, url, failed);
  browser.once('error', next);
  browser.once('exit', (code) => void (code && next()));
  browser.unref();
}
