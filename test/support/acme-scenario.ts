import { openScenario, type Scenario } from './scenario.ts';

/** A scenario with the provider `acme` of this grant added from a file, and the credentials of its app in the environment of every command. */
export async function openAcmeScenario(
  oauth: object,
  app: { readonly id: string; readonly secret?: string },
): Promise<Scenario> {
  const lwi = await openScenario();
  const env = { LWI_ENV: undefined, LWI_ACME_CLIENT_ID: app.id, LWI_ACME_CLIENT_SECRET: app.secret };
  const scenario: Scenario = {
    ...lwi,
    run: (words, options = {}) => lwi.run(words, { ...options, env: { ...env, ...options.env } }),
    json: (words, options = {}) => lwi.json(words, { ...options, env: { ...env, ...options.env } }),
    start: (words, options = {}) => lwi.start(words, { ...options, env: { ...env, ...options.env } }),
    startConnect: (words, options = {}) => lwi.startConnect(words, { ...options, env: { ...env, ...options.env } }),
    connect: (words, options = {}) => lwi.connect(words, { ...options, env: { ...env, ...options.env } }),
  };
  const definition = { id: 'acme', title: 'Acme', oauth, api: { baseUrl: 'http://127.0.0.1:9/v1' } };
  await scenario.json(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  return scenario;
}
