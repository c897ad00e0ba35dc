import { writeFileSync } from 'node:fs';

/** Loaded with `--import`: when the process ends, writes what it has used to the file that `USAGE_FILE` names. Times in microseconds, memory in KB. */
const file = process.env['USAGE_FILE'];
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  if (file !== undefined) writeFileSync(file, JSON.stringify({ cpu: userCPUTime + systemCPUTime, maxRSS }));
});
