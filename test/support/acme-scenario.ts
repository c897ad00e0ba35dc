import { openScenario, type Scenario, withEnvironment } from './scenario.ts';

/** A scenario with the provider `acme` of this grant added from a file, and the credentials of its app in the environment of every command. */
export async function openAcmeScenario(
  oauth: object,
  app: { readonly id: string; readonly secret?: string },
): Promise<Scenario> {
  const env = { LWI_ENV: undefined, LWI_ACME_CLIENT_ID: app.id, LWI_ACME_CLIENT_SECRET: app.secret };
  const lwi = withEnvironment(await openScenario(), env);
  const definition = { id: 'acme', title: 'Acme', oauth, api: { baseUrl: 'http://127.0.0.1:9/v1' } };
  await lwi.prepare(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  return lwi;
}
