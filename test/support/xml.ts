/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text of its own, without that of its children. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the plain XML that is written here: elements, attributes in double quotes, text, references. Stricter than XML: throws for everything else, also for
 * characters that XML 1.0 (2.2) does not know.
 */
export function readXml(document: string): XmlElement {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
  if (!document.isWellFormed() || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(document))
    throw new Error('a character that XML does not know');
  const [, body = ''] = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n(.*)\n$/s.exec(document) ?? [];
  type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string };
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = 0;
  for (const match of body.matchAll(/<(\/?)([a-z-]+)((?:\s+[a-z]+="[^"<>]*")*)(\/?)>|[^<>]+/g)) {
    if (match.index !== at) throw new Error(`no XML at ${body.slice(at, at + 40)}`);
    at += match[0].length;
    const [whole, closing, name, attributes = '', alone] = match;
    const top = open.at(-1) ?? root;
    if (name === undefined) top.text += plain(whole);
    else if (closing) {
      if (top.name !== name) throw new Error(`</${name}> ends <${top.name}>`);
      open.pop();
    } else {
      const pairs = [...attributes.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        plain(value),
      ]);
      const element: Open = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      if (pairs.length !== Object.keys(element.attributes).length) throw new Error('an attribute comes twice');
      top.children.push(element);
      if (!alone) open.push(element);
    }
  }
  const [only, ...more] = root.children;
  if (at !== body.length || open.length !== 1 || !only || more.length > 0) throw new Error('not one whole document');
  return only;
}

function plain(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));|&/g, (whole, code: string | undefined, name: string | undefined) => {
    const value = code === undefined ? ENTITIES[name ?? ''] : String.fromCodePoint(Number(code));
    if (value === undefined) throw new Error(`no reference: ${whole}`);
    return value;
  });
}
