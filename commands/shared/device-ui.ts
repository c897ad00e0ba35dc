import type { Context } from '../../src/context.ts';
import { type DeviceAuthorization, isOwnPage } from '../../src/oauth/device-authorization.ts';
import type { Protocol } from '../../src/oauth/protocol.ts';
import { browserHere } from './browser-here.ts';

/**
 * Shows on stderr where to enter the code, and the code, which the person compares also where the page knows it already (RFC 8628 3.3.1).
 * A browser is opened where there is one, but only at a page on the host of the device endpoint or of the issuer: whoever could change the
 * answer would else choose the page on which the person logs in (5.4).
 */
export async function presentDeviceCode(
  context: Context,
  protocol: Protocol,
  device: DeviceAuthorization,
  options: { readonly browser: boolean },
): Promise<void> {
  const { terminal, host } = context;
  const { verificationUri, verificationUriComplete, userCode } = device;
  terminal.say(
    `Open this address in a browser, on any device, and enter the code:\n\n  ${verificationUri.href}\n\n  ${userCode}\n`,
  );
  const page = verificationUriComplete ?? verificationUri;
  if (!isOwnPage(protocol, verificationUri) || !isOwnPage(protocol, page)) {
    terminal.info(`The address is on ${page.host}, another host than the device endpoint: no browser is opened.`);
  } else if (browserHere(host, options)) {
    const { openBrowser } = await import('../../src/browser.ts');
    await openBrowser(page, host.env['BROWSER'], () => terminal.info('No browser could be started here.'));
  }
  terminal.info('Waiting for the approval…');
}
