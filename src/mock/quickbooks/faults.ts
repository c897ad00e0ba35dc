import { jsonAnswer, textAnswer } from '../answer.ts';
import { companyTime } from './company-time.ts';
import { toXml } from './xml.ts';

/** An answer in the format that was asked for: XML unless `Accept` names JSON. */
export function quickbooksAnswer(request: Request, body: Record<string, unknown>, now: number, status = 200): Response {
  const stamped = { ...body, time: companyTime(now, 'milliseconds') };
  if ((request.headers.get('accept') ?? '').includes('json')) return jsonAnswer(stamped, status);
  return textAnswer(toXml(stamped), 'application/xml;charset=UTF-8', status);
}

/** The capitalised shape of a refusal. Source: quickbooks-ruby `spec/fixtures`. */
export function validationError(code: string, message: string, detail: string, element = '') {
  return { Error: [{ Message: message, Detail: detail, code, element }], type: 'ValidationFault' };
}

/** A refusal of a request that was understood, with status 400. */
export function validationFault(
  request: Request,
  now: number,
  code: string,
  message: string,
  detail: string,
  element = '',
): Response {
  return quickbooksAnswer(request, { Fault: validationError(code, message, detail, element) }, now, 400);
}

/** There is no such row, or no longer. */
export function notFound(request: Request, now: number, id: string): Response {
  return validationFault(
    request,
    now,
    '610',
    'Object Not Found',
    `Object Not Found : ${id} was made inactive or deleted or never was.`,
  );
}

/** The API has no such operation. */
export function unsupported(request: Request, now: number, what: string): Response {
  return validationFault(request, now, '500', 'Unsupported Operation', `Operation ${what} is not supported.`);
}

/** A refusal of the gateway: the lower-case shape (singer-io/tap-quickbooks `client.py` reads both). */
export function gatewayFault(now: number, status: 401 | 403, detail: string): Response {
  const [name, code, type] =
    status === 401
      ? ['AuthenticationFailed', '3200', 'AUTHENTICATION']
      : ['ApplicationAuthorizationFailed', '3100', 'AUTHORIZATION'];
  const message = `message=${name}; errorCode=00${code}; statusCode=${status}`;
  const fault = { error: [{ message, detail, code, element: null }], type };
  return jsonAnswer({ warnings: null, intuitObject: null, fault, requestId: null, time: now }, status);
}

/** Too many requests: XML whatever was asked for, and no Retry-After (python-quickbooks #43, quickbooks-ruby fixtures). */
export function throttleFault(now: number): Response {
  const body =
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<IntuitResponse time="${companyTime(now, 'milliseconds')}" ` +
    'xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001">' +
    '<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>' +
    '<Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>';
  return textAnswer(body, 'application/xml;charset=UTF-8', 429);
}

/** A failure on the side of QuickBooks: code 10000 (PHP-SDK #127). */
export function systemFault(now: number, status: number): Response {
  const error = {
    Message: 'An application error has occurred while processing your request',
    Detail: 'System Failure Error',
    code: '10000',
  };
  return jsonAnswer({ Fault: { Error: [error], type: 'SystemFault' }, time: companyTime(now, 'milliseconds') }, status);
}
