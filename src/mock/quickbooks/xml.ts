/** Members that QuickBooks writes as attributes. */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'type',
  'code',
  'element',
  'time',
  'startPosition',
  'maxResults',
  'totalCount',
  'domain',
  'sparse',
  'status',
]);

/** A JSON answer as the XML that QuickBooks sends to those who do not ask for JSON. Lists repeat their element. */
export function toXml(body: Record<string, unknown>): string {
  const root = element('IntuitResponse', { xmlns: 'http://schema.intuit.com/finance/v3', ...body });
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${root}`;
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return `<${name}>${escapeMarkup(String(value))}</${name}>`;
  let attributes = '';
  let content = '';
  for (const [key, member] of Object.entries(value)) {
    const plain = typeof member !== 'object';
    if (plain && (ATTRIBUTES.has(key) || key === 'xmlns')) attributes += ` ${key}="${escapeMarkup(String(member))}"`;
    else content += element(key, member);
  }
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
