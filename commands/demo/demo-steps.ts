/** One command of the demo. `{listen}`, `{app}` and `{event}` in its words stand for what the steps before made. */
export interface Step {
  readonly title: string;
  readonly words: readonly string[];
  /** Plays the person in the browser when the command prints an address. */
  readonly browser?: boolean;
  /** Exit code that this step is to show; 0 when absent. */
  readonly expected?: number;
  /** It goes on beside the steps that follow, until one that `stops` it. */
  readonly background?: boolean;
  readonly stops?: boolean;
  /** What happens at the provider before the step. */
  readonly before?: (mockUrl: string) => Promise<void>;
}

export const ANY_PORT = 'http://127.0.0.1/callback';
export const SLACK_SECRET = 'lwi-demo-signing-secret';
export const EVENT =
  '{"type":"event_callback","team_id":"T00000001","event_id":"Ev00000042","event":{"type":"message","text":"load 4411 covered"}}';

const control = (path: string) => async (mockUrl: string) => {
  await fetch(`${mockUrl}/_mock/${path}`, { method: 'POST' });
};

export const STEPS: readonly Step[] = [
  {
    title: 'Connect QuickBooks: loopback listener, state, PKCE; the demo approves in your place',
    words: ['connect', 'quickbooks', '--no-browser'],
    browser: true,
  },
  { title: 'Connect Slack as a bot', words: ['connect', 'slack', '--no-browser'], browser: true },
  { title: 'Connect MyCarrierPackets with its password grant', words: ['connect', 'mycarrierpackets'] },
  { title: 'What is connected? No network, no keychain needed to know', words: ['status'] },
  { title: 'Everything about a token but the token', words: ['token', 'inspect', 'quickbooks'] },
  { title: 'Refresh it, whatever its age', words: ['token', 'refresh', 'quickbooks', '--force'] },
  { title: 'Pull invoices and customers', words: ['sync', 'quickbooks', '--entity', 'invoices', 'customers'] },
  { title: 'Pull messages and carriers', words: ['sync', 'slack', '--entity', 'users', 'channels', 'messages'] },
  { title: '', words: ['sync', 'mycarrierpackets', '--entity', 'monitored-carriers', 'completed-packets'] },
  {
    title: 'Three invoices change at QuickBooks: the next sync takes only those',
    words: ['sync', 'quickbooks', '--entity', 'invoices'],
    before: control('quickbooks/touch?stream=invoices&count=3'),
  },
  {
    title: 'The access token dies: the next call refreshes it on the way',
    words: ['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Invoice'],
    before: control('expire?provider=quickbooks'),
  },
  { title: 'Sign a webhook as Slack would', words: ['webhook', 'sign', 'slack', '--body', 'event.json'] },
  { title: 'Verify a delivery, byte for byte', words: ['webhook', 'verify', 'slack', 'delivery.http'] },
  {
    title: 'One byte changed on the way: not verified, exit code 6',
    words: ['webhook', 'verify', 'slack', 'forged.http'],
    expected: 6,
  },
  {
    title: 'Receive webhooks: verified, on disk before the 200, forwarded to an application',
    words: ['webhook', 'listen', '--port', '0', '--forward-to', '{app}'],
    background: true,
  },
  {
    title: 'Slack sends one (lwi makes and signs it as Slack would)',
    words: ['webhook', 'trigger', 'slack', 'message', '--to', '{listen}/webhooks/slack'],
  },
  { title: '', words: ['webhook', 'trigger', 'slack', 'user_change', '--to', '{listen}/webhooks/slack'] },
  { title: 'What has come in, and where is it?', words: ['webhook', 'list'] },
  { title: 'Send one of them to the application once more', words: ['webhook', 'replay', '{event}', '--to', '{app}'] },
  { title: 'The receiver is stopped; this is what it said', words: [], stops: true },
  { title: 'Is everything in order? What a CI job would ask', words: ['smoke', 'slack'] },
  { title: 'Revoke and forget', words: ['disconnect', 'quickbooks'] },
];
