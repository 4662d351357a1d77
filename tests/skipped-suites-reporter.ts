import type { TestModule, TestSuite, Vitest } from 'vitest/node';

/** Names each suite that was skipped (a tool is missing); with SPILLWAY_SKIP_NOTHING=1 that is a failure. */
export class SkippedSuitesReporter {
  #isWhole = true;

  onInit(vitest: Vitest): void {
    // What a filter by name leaves out is skipped on purpose.
    this.#isWhole = vitest.config.testNamePattern === undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap(skippedNames);
    if (skipped.length === 0 || !this.#isWhole) return;
    console.log(`\nSkipped, because a tool is missing:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
    if (process.env['SPILLWAY_SKIP_NOTHING'] === '1') process.exitCode = 1;
  }
}

function skippedNames(module: TestModule): readonly string[] {
  const suites = [...module.children.allSuites()].filter((suite) => suite.options.mode === 'skip');
  const outermost = suites.filter((suite) => !suites.includes(suite.parent as TestSuite));
  const lone = [...module.children.allTests('skipped')].filter(
    (test) => !suites.some((suite) => isIn(test.parent, suite)),
  );
  return [...outermost, ...lone].map((task) => `${module.relativeModuleId}: ${task.fullName}`);
}

function isIn(parent: TestSuite | TestModule, suite: TestSuite): boolean {
  if (parent === suite) return true;
  return parent.type === 'suite' && isIn(parent.parent, suite);
}
