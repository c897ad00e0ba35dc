import { createServer } from 'node:net';
import { type Check, fail, pass, skip } from '../check.ts';
import type { PortHolder } from './port-holder.ts';

export interface PortDeps {
  readonly name: string;
  readonly port: number;
  /** What lwi wants it for. */
  readonly purpose: string;
  /** What to do when somebody else has it: a sentence with the command. */
  readonly otherwise: string;
  /** What it means that another lwi has it, and what then: no sentence. */
  readonly ownUse: string;
  /** Who listens there, as far as this system tells. */
  readonly holder: (port: number) => PortHolder | undefined;
}

/** Whether a port that lwi takes by default is free on this machine's loopback. */
export function portCheck({ name, port, purpose, otherwise, ownUse, holder }: PortDeps): Check {
  return {
    name,
    run: async () => {
      const code = await listenOnce(port);
      if (code === undefined) return pass(`${port} is free, ${purpose}`);
      if (code !== 'EADDRINUSE') return fail(`${port} cannot be listened on (${code}), ${purpose}`, otherwise);
      const found = holder(port);
      if (found?.isLwi) return skip(`${port} is held by lwi itself (process ${found.pid}): ${ownUse}`);
      if (found) return fail(`${port} is held by ${found.name} (process ${found.pid}), ${purpose}`, otherwise);
      return skip(`${port} is in use, by whom cannot be told: unless that is lwi itself, ${lowered(otherwise)}`);
    },
  };
}

/** Undefined when it worked, else the code of the system. */
function listenOnce(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown reason'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
