import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { Output } from '../src/output.ts';
import { define as api } from './api/api.ts';
import { define as completion } from './completion/completion.ts';
import { define as connect } from './connect.ts';
import { define as demo } from './demo/demo.ts';
import { define as disconnect } from './disconnect.ts';
import { define as doctor } from './doctor/doctor.ts';
import { define as exec } from './exec.ts';
import { define as help } from './help/help.ts';
import { TOPIC_NAMES } from './help/topic-names.ts';
import { define as key } from './key/key.ts';
import { define as limits } from './limits/limits.ts';
import { define as mock } from './mock.ts';
import { define as provider } from './provider/provider.ts';
import { define as records } from './records/records.ts';
import { define as secret } from './secret/secret.ts';
import { define as serve } from './serve/serve.ts';
import type { Define, Run } from './shared/define.ts';
import { define as smoke } from './smoke/smoke.ts';
import { define as status } from './status.ts';
import { define as store } from './store/store.ts';
import { define as sync } from './sync/sync.ts';
import { define as token } from './token/token.ts';
import { define as webhook } from './webhook/webhook.ts';

/** The command tree in the order in which help shows it. */
const GROUPS: readonly (readonly [heading: string, commands: Readonly<Record<string, Define>>])[] = [
  ['Connect:', { connect, disconnect, status, token }],
  ['Use:', { sync, records, api, limits, exec }],
  ['Webhooks:', { serve, webhook }],
  ['Set up:', { provider, secret, key, store, completion }],
  ['Check:', { smoke, doctor }],
  ['Try:', { demo, mock }],
];

/**
 * Builds the tree for a command line: the commands that its words name, or all of them without their verbs where none is named (help, a mistyped
 * name). Without words it is the whole tree. Nothing is executed and nothing heavy is loaded until a command's handler runs.
 */
export function buildProgram(run: Run, stdout: Output, words?: readonly string[]): Command {
  const program = new Command('lwi')
    .description('Connects your freight system to QuickBooks, Slack, MyCarrierPackets and other OAuth 2 APIs.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('-a, --account <id>', 'tenant (LWI_ACCOUNT; default: default)')
    .option('--env <name>', 'production, sandbox or mock (LWI_ENV; default: production)')
    .option('--json', 'one JSON document on stdout, errors as JSON on stderr')
    .option('-q, --quiet', 'no progress, no notes')
    .option(
      '-v, --verbose',
      'one redacted line for each HTTP exchange; twice: headers',
      (_, before: number) => before + 1,
      0,
    )
    .option('--no-input', 'never ask; fail where an answer is needed')
    .option('--no-color', 'no colours (NO_COLOR)')
    .option('--home <dir>', 'keep configuration and data in this directory (LWI_HOME)')
    .configureHelp({ showGlobalOptions: true, sortOptions: false, subcommandTerm: (command) => command.name() })
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError();
  const named = GROUPS.flatMap(([, commands]) => Object.keys(commands)).filter((name) => words?.includes(name) ?? true);
  const list = named.length === 0 && !words?.some((word) => word === '-V' || word === '--version');
  for (const [heading, commands] of GROUPS) {
    program.commandsGroup(heading);
    for (const [name, define] of Object.entries(commands)) {
      const wanted = named.includes(name);
      if (wanted || list) define(program, run, wanted);
    }
  }
  program.commandsGroup('Other:');
  help(program, run, true);
  quieten(program, stdout, program.name());
  return program;
}

/** Commander throws instead of exiting and leaves errors to main; help goes to stdout, also for a group named without a verb. */
function quieten(command: Command, stdout: Output, path: string): void {
  const width = () => stdout.columns ?? 80;
  const leave = (error: CommanderError) => {
    throw Object.assign(error, { of: path });
  };
  command.exitOverride(leave).configureOutput({
    writeOut: stdout.write,
    writeErr: stdout.write,
    outputError: () => {},
    getOutHelpWidth: width,
    getErrHelpWidth: width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  for (const child of command.commands) quieten(child, stdout, `${path} ${child.name()}`);
}

const EXAMPLES = `
Examples:
  lwi demo                                everything once, without any account
  lwi connect quickbooks --env sandbox    connect a company
  lwi token inspect quickbooks            what state its token is in
  lwi sync quickbooks --since 7d          pull what changed
  lwi webhook verify slack event.json     check a signature

Exit codes: 0 done, 1 defect in lwi, 2 usage, 3 connect again, 4 refused,
  5 try later, 6 not verified, 7 storage or key, 8 check failed.
Topics of \`lwi help\`:
  ${TOPIC_NAMES.join(', ')}.
Error codes have a page each: \`lwi help KEY_WRONG\`.`;

/** The names of all commands, whether they were built or not. */
export const COMMAND_NAMES: readonly string[] = [...GROUPS.flatMap(([, commands]) => Object.keys(commands)), 'help'];

/** What commander ends the parsing with, and the command that found it: `lwi webhook`. */
export type ParsingEnd = CommanderError & { readonly of?: string };

/** Whether commander ended the parsing: help or version, or a mistake of the person. */
export function isCommanderError(error: unknown): error is ParsingEnd {
  return error instanceof CommanderError;
}
