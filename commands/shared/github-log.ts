/*
 * What a provider or a config has put into a log of GitHub Actions must be text there, whatever it looks like. The runner (actions/runner,
 * src/Runner.Common/ActionCommand.cs) takes a line for a command that begins with `::` after its leading blanks (TryParseV2), or has `##[` anywhere (TryParse).
 */

/** A line for people. A blank breaks what would be a command; a character without width might be passed over, as .NET compares text by its language. */
export function gitHubLine(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## [');
}

/** A JSON document, which means the same afterwards (RFC 8259, 7). It begins with no colon. */
export function gitHubJson(json: string): string {
  return json.replaceAll('##[', '#\\u0023[');
}
