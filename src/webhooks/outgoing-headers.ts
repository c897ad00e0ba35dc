/** Those that say how a message travels one hop, or that each hop makes anew (RFC 9110, 7.6.1, 10.1.1, 11.7; RFC 9112, 6). */
const OF_THE_HOP =
  /^(host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|http2-settings|proxy-.*)$/i;

type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * The headers of a request that is sent on, as the flat list that node:http writes as it is: spelling, order and repeats stay. What belonged to the hop on
 * which it came is left out, also what its `Connection` names; the host and the length of the body are those of this hop.
 */
export function outgoingHeaders(pairs: Pairs, host: string, method: string, body: Uint8Array): string[] {
  const named = new Set(
    pairs
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(',').map((each) => each.trim().toLowerCase())),
  );
  const kept = pairs.filter(([name]) => !OF_THE_HOP.test(name) && !named.has(name.toLowerCase()));
  // A body of no bytes has a length too, but not where none is meant (RFC 9110, 8.6).
  const bodiless = body.length === 0 && /^(GET|HEAD|DELETE|OPTIONS)$/.test(method);
  return ['Host', host, ...kept.flat(), ...(bodiless ? [] : ['Content-Length', String(body.length)])];
}
