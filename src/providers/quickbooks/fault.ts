import { boundedText } from '../../bounded-text.ts';
import { asArray, asId, asObject, asText, isObject, parseBytes } from '../json-value.ts';

/** What Intuit calls a Fault, whichever of the three shapes it came in. */
export interface Fault {
  /** Without leading zeros: `3001`, `610`. Absent where the body gives none. */
  readonly code: string | undefined;
  readonly message: string;
  /** It concerns some items of a batch while others were done, so that a repeat would do those twice. */
  readonly partial: boolean;
}

/** Longest part of an XML answer that is read, characters. */
const XML_LIMIT = 16_384;
const MESSAGE_LIMIT = 400;
const BLANK = 0x20;
const LESS_THAN = 0x3c;

/**
 * Finds the Fault of an answer: `{"Fault"}` (validation, business), `{"fault"}` (gateway, authentication), XML
 * (throttling, also when JSON was asked for), or inside the items of a batch or of change data.
 * Source: singer-io/tap-quickbooks `tap_quickbooks/client.py`, ruckus/quickbooks-ruby `spec/fixtures`, routablehq/python-quickbooks #43.
 */
export function findFault(body: Uint8Array): Fault | undefined {
  // Nearly every answer is a success: its bytes are searched, once, before anything is parsed.
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.find((byte) => byte > BLANK) === LESS_THAN) {
    const text = bytes.subarray(0, XML_LIMIT).toString('utf8');
    return text.includes('<Fault') ? fromXml(text) : undefined;
  }
  // Of both spellings.
  return bytes.includes('ault"') ? fromJson(parseBytes(body)) : undefined;
}

function fromJson(body: unknown): Fault | undefined {
  const top = faultOf(body);
  if (top) return readFault(top, false);
  const items = [...asArray(asObject(body)['BatchItemResponse']), ...asArray(asObject(body)['CDCResponse'])];
  const faults = items.map(faultOf);
  const index = faults.findIndex((fault) => fault !== undefined);
  const first = faults[index];
  if (!first) return undefined;
  const failed = faults.filter((fault) => fault !== undefined).length;
  const fault = readFault(first, failed < items.length);
  const item = asId(asObject(items[index])['bId']) ?? String(index + 1);
  return { ...fault, message: `${failed} of ${items.length} items failed, first ${item}: ${fault.message}` };
}

function faultOf(body: unknown): Readonly<Record<string, unknown>> | undefined {
  const fault = asObject(body)['Fault'] ?? asObject(body)['fault'];
  return isObject(fault) ? fault : undefined;
}

function readFault(fault: Readonly<Record<string, unknown>>, partial: boolean): Fault {
  const error = asObject(asArray(fault['Error'] ?? fault['error'])[0]);
  const type = asText(fault['type']);
  return {
    code: plainCode(asId(error['code'])),
    message: sentence(asText(error['Message'] ?? error['message']) ?? type, asText(error['Detail'] ?? error['detail'])),
    partial,
  };
}

/** Not a parser of XML: the four values of Intuit's one form, each pattern linear in a text of bounded length. */
function fromXml(text: string): Fault {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const code = /<Error\b[^<>]*?\bcode="(\d+)"/.exec(text)?.[1];
  const type = /<Fault\b[^<>]*?\btype="([^"<>]*)"/.exec(text)?.[1];
  const detail = element('Detail');
  return {
    code: plainCode(code),
    message: sentence(readable(element('Message') ?? type), detail && readable(detail)),
    partial: false,
  };
}

function readable(text: string | undefined): string | undefined {
  const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text?.replace(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => named[name] ?? whole);
}

function plainCode(code: string | undefined): string | undefined {
  return code?.replace(/^0+(?=\d)/, '');
}

function sentence(message: string | undefined, detail: string | undefined): string {
  const parts = [...new Set([message ?? 'failed without a message', detail])].filter((part) => part);
  return boundedText(parts.join(': ').replace(/\s+/g, ' ').trim(), MESSAGE_LIMIT);
}
