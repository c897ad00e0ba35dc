/** A client as it presented itself at the token endpoint. */
export interface PresentedClient {
  readonly id: string;
  /** Absent: a public client. */
  readonly secret: string | undefined;
  readonly method: 'basic' | 'body';
}

/** `refused`: unreadable credentials; `twice`: two methods in one request, which RFC 6749 (2.3) forbids. */
export type ClientReading = PresentedClient | 'absent' | 'refused' | 'twice';

/** Every client is welcome at the mock, unless it brings this secret. */
export const WRONG_SECRET = 'wrong-secret';

/** Reads client credentials from the Authorization header or the form (RFC 6749, 2.3.1). */
export function readClient(request: Request, form: URLSearchParams): ClientReading {
  const header = request.headers.get('authorization');
  const id = form.get('client_id') ?? '';
  const secret = form.get('client_secret') ?? undefined;
  if (header === null) return id === '' ? 'absent' : { id, secret, method: 'body' };
  const basic = readBasic(header);
  if (basic === undefined || (id !== '' && id !== basic.id)) return 'refused';
  return secret === undefined ? basic : 'twice';
}

/** Id and secret are form-encoded before base64 (RFC 6749, 2.3.1): `%2B` is a plus, `+` is a space. */
function readBasic(header: string): PresentedClient | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return undefined;
  try {
    return { id: formDecode(pair.slice(0, colon)), secret: formDecode(pair.slice(colon + 1)), method: 'basic' };
  } catch {
    return undefined;
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** The fields of a form-encoded request body; undefined for another content type. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return undefined;
  return new URLSearchParams(await request.text());
}

/** The bearer token of a request (RFC 6750, 2.1). */
export function readBearer(request: Request): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}
