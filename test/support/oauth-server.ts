import { randomUUID } from 'node:crypto';
import { Events, OAuth2Server } from 'oauth2-mock-server';
import { onTestFinished } from 'vitest';

/** A running `oauth2-mock-server`, an OAuth and OpenID Connect server from npm; it approves everything at once. */
export interface OAuthServer {
  readonly issuer: string;
  /** Access tokens in force; a test may take one out. */
  readonly tokens: Set<string>;
  /** Forms that came to the token endpoint, oldest first, with the Authorization header. */
  readonly asked: { readonly form: Readonly<Record<string, unknown>>; readonly authorization: string | undefined }[];
  /** The next answer of the token endpoint. */
  answerOnce(statusCode: number, body: Record<string, unknown>): void;
}

/** Starts the server for one test, with the endpoints at their usual places. */
export async function startOAuthServer(): Promise<OAuthServer> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  onTestFinished(() => server.stop());
  const tokens = new Set<string>();
  const asked: OAuthServer['asked'] = [];
  // Two tokens of one second would be the same one.
  server.service.on(Events.BeforeTokenSigning, (token) => {
    token.payload.jti = randomUUID();
  });
  server.service.on(Events.BeforeResponse, ({ body }, request) => {
    asked.push({ form: { ...request.body }, authorization: request.headers.authorization });
    if (body && typeof body['access_token'] === 'string') tokens.add(body['access_token']);
  });
  const answerOnce: OAuthServer['answerOnce'] = (statusCode, body) => {
    server.service.once(Events.BeforeResponse, (response) => Object.assign(response, { statusCode, body }));
  };
  return { issuer: server.issuer.url ?? '', tokens, asked, answerOnce };
}
