import { existsSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Interpreter } from './interpreter.ts';

/** Fills what Lambda has at /var/lang: in `bin`, all the names that the function may call its interpreter by. */
export async function makeLangDirectory(directory: string, interpreter: Interpreter | undefined): Promise<string> {
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  if (!interpreter) return directory;
  const { language, path, major, minor } = interpreter;
  const names = language === 'python' ? ['python', `python${major}`, `python${major}.${minor}`] : ['node'];
  for (const name of names) await makeProgram(join(bin, name), path);
  return directory;
}

/** A virtual environment is found from the path it is called by: behind a link it would be the plain Python that made it. */
async function makeProgram(target: string, path: string): Promise<void> {
  if (!existsSync(join(dirname(path), '../pyvenv.cfg'))) return symlink(path, target);
  await writeFile(target, `#!/bin/sh\nexec '${path.replaceAll("'", "'\\''")}' "$@"\n`);
  await chmod(target, 0o755);
}
