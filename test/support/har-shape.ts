/** What a member must be: a type, a list of objects of a shape, or an object of a shape. A name with `?` may be absent. */
type Shape = { readonly [member: string]: string | Shape | readonly [Shape] };

const PAIR: Shape = { name: 'string', value: 'string', 'comment?': 'string' };
const TIMINGS = 'number from -1';

/** Every member that HAR 1.2 requires or names, with its type (http://www.softwareishard.com/blog/har-12-spec/). */
const HAR: Shape = {
  log: {
    version: '1.2',
    creator: { name: 'string', version: 'string', 'comment?': 'string' },
    'browser?': { name: 'string', version: 'string' },
    'pages?': [{ startedDateTime: 'time', id: 'string', title: 'string', pageTimings: {} }],
    entries: [
      {
        'pageref?': 'string',
        startedDateTime: 'time',
        time: 'number from 0',
        request: {
          ...{ method: 'string', url: 'URL', httpVersion: 'string', cookies: [PAIR], headers: [PAIR] },
          ...{ queryString: [PAIR], headersSize: TIMINGS, bodySize: TIMINGS },
          'postData?': { mimeType: 'string', 'params?': [{ name: 'string', 'value?': 'string' }], text: 'string' },
        },
        response: {
          ...{ status: 'number from 0', statusText: 'string', httpVersion: 'string', cookies: [PAIR], headers: [PAIR] },
          content: { size: 'number from 0', mimeType: 'string', 'text?': 'string', 'encoding?': 'string' },
          ...{ redirectURL: 'string', headersSize: TIMINGS, bodySize: TIMINGS },
        },
        cache: {},
        timings: {
          ...{ 'blocked?': TIMINGS, 'dns?': TIMINGS, 'connect?': TIMINGS, 'ssl?': TIMINGS },
          ...{ send: 'number from 0', wait: 'number from 0', receive: 'number from 0' },
        },
        'serverIPAddress?': 'string',
        'connection?': 'string',
      },
    ],
  },
};

/** Where a document is not what HAR 1.2 says: missing members, wrong types, unknown members without an underscore, times that do not add up. */
export function harProblems(document: unknown): string[] {
  const problems = problemsOf(document, HAR, '');
  if (problems.length > 0) return problems;
  const { entries } = (document as { log: { entries: { time: number; timings: Record<string, number> }[] } }).log;
  return entries.flatMap(
    ({ time, timings: { blocked = -1, dns = -1, connect = -1, send = 0, wait = 0, receive = 0 } }, at) => {
      // "time must be the sum of the timings, not including -1"; ssl is part of connect.
      const sum = [blocked, dns, connect, send, wait, receive].filter((ms) => ms >= 0).reduce((a, b) => a + b, 0);
      return sum === time ? [] : [`log.entries[${at}].time is ${time}, its timings ${sum}`];
    },
  );
}

function problemsOf(value: unknown, shape: string | Shape | readonly [Shape], place: string): string[] {
  if (typeof shape === 'string')
    return fits(value, shape) ? [] : [`${place} is ${JSON.stringify(value)}, not a ${shape}`];
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${place} is no array`];
    return value.flatMap((item, at) => problemsOf(item, (shape as readonly [Shape])[0], `${place}[${at}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${place || 'the file'} is no object`];
  const members = value as Record<string, unknown>;
  const known = Object.keys(shape).map((name) => name.replace('?', ''));
  const strange = Object.keys(members).filter(
    (name) => !known.includes(name) && !name.startsWith('_') && name !== 'comment',
  );
  return [
    ...strange.map((name) => `${place}.${name} is no member of HAR 1.2`),
    ...Object.entries(shape).flatMap(([key, of]) => {
      const name = key.replace('?', '');
      if (!(name in members)) return key === name ? [`${place}.${name} is missing`] : [];
      return problemsOf(members[name], of as Shape, `${place}.${name}`);
    }),
  ];
}

function fits(value: unknown, type: string): boolean {
  if (type === 'time')
    return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$/.test(value);
  if (type === 'URL') return typeof value === 'string' && URL.canParse(value) && !value.includes('#');
  if (type.startsWith('number')) return typeof value === 'number' && value >= Number(type.split(' ').at(-1));
  return type === 'string' ? typeof value === 'string' : value === type;
}
