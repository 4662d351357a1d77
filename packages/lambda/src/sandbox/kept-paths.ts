import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directories that these programs need besides their own: the outermost that holds packages, or their own home. */
export function keptPathsOf(programs: readonly (string | undefined)[]): readonly string[] {
  const paths = programs.filter((path) => path !== undefined).filter((path) => existsSync(path));
  return [...new Set(paths.flatMap((path) => [path, realpathSync(path)]))].map(homeOfProgram);
}

/** Where a program is installed: with packages around it, or as `bin` beside `lib`. */
function homeOfProgram(path: string): string {
  const directories = ancestors(path).filter(isOurs);
  const outermost = directories.findLast((directory) => existsSync(join(directory, 'node_modules')));
  return outermost ?? [dirname(dirname(path))].find(isOurs) ?? path;
}

/** /opt, /tmp and the like are everybody's. */
const isOurs = (directory: string) => directory !== '/' && dirname(directory) !== '/';

const ancestors = (path: string): readonly string[] =>
  dirname(path) === path ? [] : [dirname(path), ...ancestors(dirname(path))];
