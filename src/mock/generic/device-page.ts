import { codePage, consentPage, donePage, refusalPage, type Tenant } from '../authorization-page.ts';
import { readForm } from '../client-authentication.ts';
import type { DeviceCodes } from './device-codes.ts';

interface DevicePageParts {
  readonly title: string;
  readonly tenants: readonly Tenant[];
  readonly deviceCodes: DeviceCodes;
  scopesOf(asked: string): readonly string[];
}

/** The page for a person with a code (RFC 8628, 3.3): asks for the code, then for the approval. */
export async function answerDevicePage(
  request: Request,
  { title, tenants, deviceCodes, scopesOf }: DevicePageParts,
): Promise<Response> {
  const userCode = new URL(request.url).searchParams.get('user_code') ?? '';
  if (userCode === '') return codePage(title);
  const waiting = deviceCodes.waiting(userCode);
  if (waiting === undefined) return refusalPage(title, 'No device waits for this code: it may have ended.');
  if (request.method !== 'POST') {
    const { clientId, scope } = waiting;
    return consentPage({ title, tenantNoun: 'company', tenants, clientId, scopes: scopesOf(scope) });
  }
  const form = await readForm(request);
  const tenant = tenants.find(({ id }) => id === form?.get('company'));
  const denied = form?.get('decision') === 'deny';
  if (!denied && (form?.get('decision') !== 'approve' || tenant === undefined))
    return refusalPage(title, 'The form was not filled in as it was served.');
  deviceCodes.decide(userCode, denied || tenant === undefined ? 'denied' : { tenant: tenant.id });
  return donePage(title, denied ? 'Access was denied.' : 'Access was approved.');
}
