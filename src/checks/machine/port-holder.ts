import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** A process that listens. */
export interface PortHolder {
  readonly pid: number;
  /** The name of its program: `node`. Not its arguments, which may hold secrets. */
  readonly name: string;
  /** Whether it is lwi. */
  readonly isLwi: boolean;
}

/** The state of a listening socket in /proc/net/tcp (the kernel's tcp_states.h). */
const LISTEN = '0A';

/**
 * Who listens on a TCP port, by proc(5); undefined where that cannot be told: on other systems than Linux, and of processes of other users.
 */
export function portHolder(port: number, proc = '/proc'): PortHolder | undefined {
  try {
    const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningSockets(`${proc}/net/${table}`, port)));
    if (sockets.size === 0) return undefined;
    const pid = readdirSync(proc).find((name) => /^\d+$/.test(name) && holdsOneOf(`${proc}/${name}/fd`, sockets));
    if (pid === undefined) return undefined;
    const words = readFileSync(`${proc}/${pid}/cmdline`, 'utf8').split('\0');
    const isLwi = words.slice(0, 4).some((word) => /^lwi(\.js)?$/.test(basename(word)));
    return { pid: Number(pid), name: readFileSync(`${proc}/${pid}/comm`, 'utf8').trim(), isLwi };
  } catch {
    return undefined;
  }
}

/** Inodes of the sockets that listen on the port. */
function listeningSockets(table: string, port: number): string[] {
  return textOf(table)
    .split('\n')
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const matches = state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
      return matches && inode !== undefined ? [`socket:[${inode}]`] : [];
    });
}

/** A machine without IPv6 has one table only. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function holdsOneOf(directory: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(directory).some((name) => sockets.has(linkAt(`${directory}/${name}`)));
  } catch {
    // A process of another user, or one that has ended meanwhile.
    return false;
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
