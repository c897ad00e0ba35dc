/** What the commands that receive webhooks say of their paths, answers and secrets. */
export const RECEIVER_HELP = `
It answers
  POST /webhooks/<provider>            deliveries; the events name the account
  POST /webhooks/<provider>/<account>  the same for one account
  GET  /healthz                        JSON; 503 when something needs a person
  GET  /metrics                        Prometheus text

A 200 means that the event is on disk. Webhook secrets:
LWI_<PROVIDER>_WEBHOOK_SECRET for all accounts, or
\`lwi secret set <provider> webhook-secret\` for one.`;
