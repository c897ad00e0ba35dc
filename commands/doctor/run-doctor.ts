import packageJson from '../../package.json' with { type: 'json' };
import { runChecks } from '../../src/checks/run-checks.ts';
import { chosenAccount, chosenEnvironment } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { checkDeadline } from '../shared/check-deadline.ts';
import { exitCodeOf, labelOf, reportChecks } from '../shared/check-report.ts';
import type { DoctorOptions } from './doctor.ts';
import { machineChecks } from './machine-checks.ts';

/** Runs all checks of the machine; 8 when one fails. Throws USAGE for options that cannot be read. */
export async function runDoctor(context: Context, { offline, timeout }: DoctorOptions): Promise<number | undefined> {
  const { options, clock, signal, host } = context;
  // What was asked for on the command line is a mistake of the call, not of the machine.
  chosenAccount(options.account);
  chosenEnvironment(options.env);
  const deadlineMs = checkDeadline(timeout);
  const checks = machineChecks(context, { offline: offline === true, lwi: packageJson });
  const report = await reportChecks(context, runChecks(checks, { clock, signal, deadlineMs }), {
    widest: Math.max(...checks.map((check) => labelOf(check).length)),
    more: { version: packageJson.version, node: host.nodeVersion, platform: host.platform },
  });
  return exitCodeOf(report);
}
