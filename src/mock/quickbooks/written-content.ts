import type { Content, Entity } from './entity.ts';

/** Members that QuickBooks sets itself; what a client sends for them is not kept. */
const OWN: ReadonlySet<string> = new Set(['Id', 'SyncToken', 'MetaData', 'domain', 'sparse', 'status', 'time']);

/** What a client sent, without the members that are not its to write. */
export function writable(given: Content): Content {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !OWN.has(name)));
}

/**
 * The content with what follows from its lines: each line has an id, the total is their sum, and what is still owed changes with it. US dollars.
 * `before` is the content that this one replaces.
 */
export function settled({ linesMake }: Entity, content: Content, before: Content): Content {
  const lines = content['Line'];
  if (linesMake === undefined || !Array.isArray(lines)) return content;
  const own = lines.filter(({ DetailType }) => DetailType !== 'SubTotalLineDetail');
  const numbered = own.map((line, at) => ({ Id: String(at + 1), LineNum: at + 1, ...line }));
  const total = own.reduce((cents, { Amount }) => cents + Math.round(Number(Amount ?? 0) * 100), 0) / 100;
  const subTotal = { Amount: total, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} };
  if (linesMake === 'total') return { ...content, Line: numbered, TotalAmt: total };
  const paid = amount(before, 'TotalAmt') - amount(before, 'Balance');
  return { ...content, Line: [...numbered, subTotal], TotalAmt: total, Balance: Math.max(0, total - paid) };
}

function amount(content: Content, name: string): number {
  const value = Number(content[name] ?? 0);
  return Number.isFinite(value) ? value : 0;
}
