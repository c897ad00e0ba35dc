/** The part of `oidc-provider` (npm; it brings no types) that the tests use. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Exchange {
    path: string;
    readonly method: string;
    status: number;
    body: unknown;
    readonly headers: Readonly<Record<string, string | undefined>>;
    set(header: string, value: string): void;
    readonly oidc?: { readonly route?: string; readonly params?: Readonly<Record<string, unknown>> };
  }

  interface Stored {
    find(id: string): Promise<unknown>;
  }

  export default class Provider {
    readonly RefreshToken: Stored;
    readonly AccessToken: Stored;
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    use(middleware: (exchange: Exchange, next: () => Promise<void>) => Promise<void>): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  const MemoryAdapter: new (model: string) => object;
  export default MemoryAdapter;
}
