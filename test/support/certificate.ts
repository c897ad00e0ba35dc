import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key and a certificate for it, as PEM, for a TLS server. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

interface Wanted {
  /** Host name or IPv4 address that it is for. */
  readonly host: string;
  /** First and last moment, ms since the epoch. */
  readonly from: number;
  readonly until: number;
  /** Signed by somebody whom nobody knows; otherwise by itself. */
  readonly byStranger?: boolean;
}

/** A fresh certificate (RFC 5280, 4.1) by ECDSA with SHA-256 on P-256, written by hand, so that no program is needed and any date can be had. */
export function certificate({ host, from, until, byStranger = false }: Wanted): Certified {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = byStranger ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : own.privateKey;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, 2, 3])),
    ECDSA_WITH_SHA256,
    name(byStranger ? 'a stranger' : host),
    sequence(time(from), time(until)),
    name(host),
    own.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(alternativeName(host)))))),
  );
  const signature = sign('sha256', body, signer);
  const cert = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  return { key: pem(own.privateKey), cert: wrapped('CERTIFICATE', cert) };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

/** 1.2.840.10045.4.3.2 (RFC 5758, 3.2). */
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

function name(common: string): Buffer {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(common)))));
}

/** UTCTime, good for 1950 to 2049. */
function time(at: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}

function alternativeName(host: string): Buffer {
  const address = /^\d+\.\d+\.\d+\.\d+$/.test(host) ? Buffer.from(host.split('.').map(Number)) : undefined;
  return address ? der(0x87, address) : der(0x82, Buffer.from(host));
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function wrapped(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
