/**
 * Opens a URL in the person's browser; false when none could be started. The URL is an argument of the launcher, never part of a shell
 * line, and only http and https are opened, whatever a provider's definition says.
 */
export async function openBrowser(url: URL): Promise<boolean> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  const { default: open } = await import('open');
  try {
    await open(url.href);
    return true;
  } catch {
    return false;
  }
}
