/** The rows that a method reads, by the names that `workspaceStream` knows; its arguments are looked for in the query only. */
export function streamsOf(method: string, parameters: URLSearchParams): readonly string[] {
  const [channel, ts] = [parameters.get('channel'), parameters.get('ts')];
  if (method.startsWith('users.')) return ['users'];
  if (method === 'conversations.list' || method === 'conversations.info') return ['channels'];
  if (channel === null) return [];
  if (method === 'conversations.members') return [`members:${channel}`];
  if (method === 'conversations.history') return [`messages:${channel}`];
  return method === 'conversations.replies' && ts !== null ? [`replies:${channel}:${ts}`] : [];
}
