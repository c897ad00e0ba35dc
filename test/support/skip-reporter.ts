import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end of a run which tests were skipped and why; the other reporters only count them. */
export default class SkipReporter implements Reporter {
  readonly #leftOut: readonly string[];

  /** Files that were not run at all. */
  constructor(leftOut: readonly string[] = []) {
    this.#leftOut = leftOut;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const file of this.#leftOut) process.stdout.write(`skipped: ${file}: runs with LWI_TEST_THOROUGH=1\n`);
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const why = result.state === 'skipped' && result.note ? result.note : 'no reason given';
        process.stdout.write(`skipped: ${module.relativeModuleId} > ${test.fullName}: ${why}\n`);
      }
    }
  }
}
