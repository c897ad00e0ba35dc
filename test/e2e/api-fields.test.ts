import { expect, test } from 'vitest';
import { openBroughtProvider } from '../support/brought-provider.ts';
import { failureOf } from '../support/scenario.ts';

async function openEcho() {
  const { lwi, received } = await openBroughtProvider(() => ({ json: {} }));
  /** What arrived of `lwi api acme /loads …`. */
  const sent = async (words: readonly string[], stdin?: string) => {
    const ran = await lwi.run(['api', 'acme', '/loads', ...words], { stdin });
    if (ran.code !== 0) throw new Error(ran.stderr);
    const { method, query, headers, body } = received.at(-1) ?? { method: '', headers: {}, body: '' };
    return { method, query: query?.toString(), type: headers['content-type'], body };
  };
  return { lwi, received, sent };
}

const JSON_TYPE = 'application/json';

test('-f is text, -F is what it looks like, in the order in which they stand', async () => {
  const { lwi, sent } = await openEcho();
  lwi.write('note.txt', 'two\nlines');
  const flat = [
    '-f',
    'number=1',
    '-F',
    'n=-12',
    '-F',
    'amount=1500.50',
    '-F',
    'id=9130000000000000001',
    '-F',
    'zero=007',
  ];
  const typed = [
    '-F',
    'yes=true',
    '-F',
    'no=false',
    '-F',
    'none=null',
    '-F',
    'note=@note.txt',
    '-F',
    'in=@-',
    '-F',
    'a=b=c',
  ];
  expect(await sent([...flat, ...typed, '-f', 'raw=@note.txt'], 'piped')).toEqual({
    ...{ method: 'POST', query: '', type: JSON_TYPE },
    body:
      '{"number":"1","n":-12,"amount":1500.50,"id":9130000000000000001,"zero":"007","yes":true,"no":false,"none":null,' +
      '"note":"two\\nlines","in":"piped","a":"b=c","raw":"@note.txt"}',
  });
});

test('brackets nest and list, and lines of a document are told apart by the member that comes again', async () => {
  const { sent } = await openEcho();
  const lines = ['-f', 'Line[][Text]=a', '-F', 'Line[][Amount]=1', '-f', 'Line[][Text]=b', '-F', 'Line[][Amount]=2'];
  const words = [
    '-f',
    'Ref[value]=3',
    '-f',
    'Ref[name]=Acme',
    '-f',
    'tag[]=x',
    '-F',
    'tag[]=2',
    '-f',
    'none[]',
    ...lines,
  ];
  expect(
    JSON.parse(
      (await sent([...words, '-f', 'Line[][Tags][]=t', '-f', 'Line[][Tags][]=u', '-f', '__proto__[x]=1'])).body,
    ),
  ).toEqual(
    JSON.parse(
      '{"Ref":{"value":"3","name":"Acme"},"tag":["x",2],"none":[],"Line":[{"Text":"a","Amount":1},{"Text":"b","Amount":2,"Tags":["t","u"]}],"__proto__":{"x":"1"}}',
    ),
  );
});

test('with GET or HEAD fields go into the query; with --input too', async () => {
  const { sent } = await openEcho();
  const fields = ['-f', 'a[b]=c d', '-F', 'n=1', '-F', 'none=null', '-f', 'l[]=x', '-f', 'l[]=y', '-f', 'e[]'];
  const query = 'q=0&a%5Bb%5D=c+d&n=1&none=&l%5B%5D=x&l%5B%5D=y';
  expect(await sent(['-X', 'get', '--query', 'q=0', ...fields])).toEqual({
    method: 'GET',
    query,
    type: undefined,
    body: '',
  });
  const input = ['--input', '-', '-H', 'Content-Type: text/csv', '--query', 'q=0', ...fields];
  expect(await sent(input, 'a,b')).toEqual({ method: 'POST', query, type: 'text/csv', body: 'a,b' });
  expect(await sent(['-X', 'DELETE', '-f', 'a=1'])).toEqual({
    method: 'DELETE',
    query: '',
    type: JSON_TYPE,
    body: '{"a":"1"}',
  });
});

test('a header that is given twice arrives as a list', async () => {
  const { lwi, received } = await openEcho();
  await lwi.run(['api', 'acme', '/loads', '-H', 'X-Load: 1', '-H', 'x-load: ä', '-H', 'Accept: text/csv']);
  expect([received[0]?.headers['x-load'], received[0]?.headers['accept']]).toEqual(['1, ä', 'text/csv']);
});

test('what cannot be read is code 2, names the field and not its value, and nothing is sent', async () => {
  const { lwi, received } = await openEcho();
  const mistakes = [
    ['-f', 'planted'],
    ['-F', '=planted'],
    ['-f', 'a[b=planted'],
    ['-f', 'a[b]'],
    ['-f', 'a=planted', '-f', 'a=planted'],
    ['-f', 'a=planted', '-f', 'a[b]=planted'],
    ['-F', 'a=1', '-f', 'a[b]=planted'],
    ['-f', 'a[b]=planted', '-f', 'a[]=planted'],
    ['-f', 'a[][]=planted'],
    ['-F', 'a=@planted-file'],
    ['-F', 'a=@-', '--input', '-'],
    ['-X', 'GET', '--input', '-'],
    ['-X', 'TRACE'],
    ['-X', 'no method'],
    ['--query', 'planted'],
  ];
  for (const words of mistakes) {
    const { exit, stdout, error } = failureOf(await lwi.run(['api', 'acme', '/loads', ...words, '--json']));
    const shown = JSON.stringify(error).replaceAll('planted-file', '').includes('planted');
    expect([words, exit, stdout, shown]).toEqual([words, 2, '', false]);
  }
  expect(received).toEqual([]);
});
