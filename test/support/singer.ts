import { isObject } from '../../src/providers/json-value.ts';
import { isDateTime, misfits, type Schema } from './json-schema.ts';

/** A stream as a target would have it. */
export interface SingerStream {
  readonly schema: Schema;
  readonly keyProperties: readonly string[];
  readonly records: Readonly<Record<string, unknown>>[];
}

export interface SingerOutput {
  readonly streams: ReadonlyMap<string, SingerStream>;
  /** The values of all STATE messages, the last one to go on with. */
  readonly states: readonly Readonly<Record<string, unknown>>[];
}

type Message = Readonly<Record<string, unknown>>;

/**
 * Reads what a tap has written, a message a line, and holds it against the Singer specification 0.2.0 (singer-io/getting-started, docs/SPEC.md), a bit
 * stricter, as targets are: types in capitals and no others, a SCHEMA before the first RECORD of a stream, at least one key property, and a STATE
 * behind the last RECORD. Throws an Error that names the line.
 */
export function readSinger(text: string): SingerOutput {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended');
  const streams = new Map<string, SingerStream>();
  const states: Message[] = [];
  let uncovered = 0;
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const number = index + 1;
    const refuse = (what: string): never => {
      throw new Error(`line ${number}: ${what}`);
    };
    const message = parsed(line) ?? refuse('it is no JSON object');
    if (message['type'] === 'SCHEMA') readSchema(message, streams, refuse);
    else if (message['type'] === 'RECORD') readRecord(message, streams, refuse);
    else if (message['type'] === 'STATE') states.push(objectIn(message, 'value', refuse));
    else refuse(`there is no type ${JSON.stringify(message['type'])}`);
    if (message['type'] === 'RECORD') uncovered = number;
    if (message['type'] === 'STATE') uncovered = 0;
  }
  if (uncovered > 0) throw new Error(`line ${uncovered}: no STATE follows the last RECORD`);
  return { streams, states };
}

type Refuse = (what: string) => never;

function readSchema(message: Message, streams: Map<string, SingerStream>, refuse: Refuse): void {
  const name = textIn(message, 'stream', refuse);
  const schema = objectIn(message, 'schema', refuse);
  if (schema['type'] !== 'object') refuse('a schema must be of type object');
  try {
    misfits({}, schema);
  } catch (error) {
    refuse(String(error));
  }
  const properties = objectIn(schema, 'properties', refuse);
  const listed = (member: string) => {
    const list = message[member];
    if (!Array.isArray(list)) return refuse(`${member} is no list`);
    const stray = list.find((one) => typeof one !== 'string' || !Object.hasOwn(properties, one));
    return stray === undefined ? list : refuse(`${JSON.stringify(stray)} of ${member} is not in the schema`);
  };
  const keyProperties: string[] = listed('key_properties');
  if (keyProperties.length === 0) refuse('key_properties is empty');
  if (message['bookmark_properties'] !== undefined) listed('bookmark_properties');
  streams.set(name, { schema, keyProperties, records: streams.get(name)?.records ?? [] });
}

function readRecord(message: Message, streams: ReadonlyMap<string, SingerStream>, refuse: Refuse): void {
  const name = textIn(message, 'stream', refuse);
  const record = objectIn(message, 'record', refuse);
  const stream = streams.get(name) ?? refuse(`a RECORD of ${name} comes before its SCHEMA`);
  const missing = stream.keyProperties.filter((key) => record[key] === undefined || record[key] === null);
  if (missing.length > 0) refuse(`the record has no ${missing.join(', ')}, which is a key property`);
  const [problem] = misfits(record, stream.schema);
  if (problem !== undefined) refuse(`the record does not fit: ${problem}`);
  const at = message['time_extracted'];
  if (at !== undefined && !isDateTime(at)) refuse(`time_extracted is no RFC 3339 time: ${JSON.stringify(at)}`);
  stream.records.push(record);
}

function parsed(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textIn(message: Message, member: string, refuse: Refuse): string {
  const value = message[member];
  return typeof value === 'string' && value !== '' ? value : refuse(`${member} is no text`);
}

function objectIn(message: Message, member: string, refuse: Refuse): Message {
  const value = message[member];
  return isObject(value) ? value : refuse(`${member} is no object`);
}
