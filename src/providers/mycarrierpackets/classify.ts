import { boundedText } from '../../bounded-text.ts';
import type { HttpResponse } from '../../http/http.ts';
import { asId, asObject, asText, defined, isObject, parseBytes } from '../json-value.ts';
import type { FaultCode, ProviderFault } from '../provider.ts';
import { rowOfFaultCode, rowOfOutcome } from './fault-codes.ts';

const MESSAGE_LIMIT = 400;
const TEXT_LIMIT = 4096;

/** Reads error bodies (`Message`, `message`, plain text) and the flags with which a 200 can say that it failed. */
export function classify(response: HttpResponse): ProviderFault | undefined {
  return response.status < 300 ? failureInside(response.body) : failureStatus(response);
}

function failureStatus({ status, body }: HttpResponse): ProviderFault | undefined {
  const { error: code, meaning } = rowOfFaultCode(String(status)) ?? {};
  const parsed = parseBytes(body.subarray(0, TEXT_LIMIT));
  const message = messageOf(parsed) ?? plainText(body) ?? meaning;
  if (message === undefined) return undefined;
  return defined<ProviderFault>({
    code,
    message: boundedText(message, MESSAGE_LIMIT),
    refresh: status === 401 || undefined,
  });
}

/**
 * `Success:false` with `Message`, `succeeded:false` with `message`, or a failing `ResponseDO` (Swagger models). Only at the top: in lists each
 * row has its own. The words that ResponseDO uses for failure are not documented.
 */
function failureInside(body: Uint8Array): ProviderFault | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // Large answers are searched before they are parsed a second time: most hold no flag at all, or are lists.
  if (!['uccess"', 'ucceeded"', '"ResponseDO"'].some((flag) => bytes.includes(flag)) || bytes[0] === 0x5b)
    return undefined;
  const parsed = asObject(parseBytes(body));
  const outcome = asObject(parsed['ResponseDO']);
  const row = rowOfOutcome(asText(outcome['status']) ?? '') ?? rowOfFlags(parsed);
  if (!row) return undefined;
  const told = asText(outcome['displayMsg']) ?? asText(outcome['techMsg']);
  return defined<ProviderFault>({
    code: row.error,
    providerCode: asId(outcome['code']),
    message: boundedText(told ?? messageOf(parsed) ?? 'failed without a message', MESSAGE_LIMIT),
  });
}

function rowOfFlags(parsed: Readonly<Record<string, unknown>>): FaultCode | undefined {
  if ([parsed['Success'], parsed['success']].includes(false)) return rowOfFaultCode('Success: false');
  return [parsed['Succeeded'], parsed['succeeded']].includes(false) ? rowOfFaultCode('succeeded: false') : undefined;
}

function messageOf(parsed: unknown): string | undefined {
  if (!isObject(parsed)) return asText(parsed);
  return asText(parsed['Message']) ?? asText(parsed['message']);
}

/** Plain text that a person can read; neither a page of HTML nor JSON that says nothing. */
function plainText(body: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(body.subarray(0, TEXT_LIMIT)).trim();
  return /^[<{[]/.test(text) ? undefined : asText(text.replace(/\s+/g, ' '));
}
