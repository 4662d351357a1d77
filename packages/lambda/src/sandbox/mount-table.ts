import { readFileSync } from 'node:fs';

/** One bind mount, with all that is mounted below its source. */
export interface BindMount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** What a mount of the host forbids stays forbidden: an ordinary user may not lift it. */
const KEPT_OPTIONS: ReadonlySet<string> = new Set(['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime']);

/** As fstab(5) has it; done in this order. */
export function mountTable(mounts: readonly BindMount[], hostMounts: readonly HostMount[]): string {
  return mounts
    .map(({ source, target, isReadOnly }) => {
      const options = ['rbind', ...(isReadOnly ? ['ro', ...optionsOf(source, hostMounts)] : [])];
      return `${escaped(source)} ${escaped(target)} none ${options.join(',')} 0 0\n`;
    })
    .join('');
}

export interface HostMount {
  readonly path: string;
  readonly options: readonly string[];
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
export function hostMounts(text: string = readFileSync('/proc/self/mountinfo', 'utf8')): readonly HostMount[] {
  return text.split('\n').flatMap((line) => {
    const [, , , , path, options] = line.split(' ');
    return path === undefined || options === undefined ? [] : { path: unescaped(path), options: options.split(',') };
  });
}

function optionsOf(path: string, mounts: readonly HostMount[]): readonly string[] {
  // Of mounts at one path, the last hides the others.
  const holding = mounts.filter((mount) => isAtOrBelow(path, mount.path)).sort((a, b) => a.path.length - b.path.length);
  return holding.at(-1)?.options.filter((option) => KEPT_OPTIONS.has(option)) ?? [];
}

export const isAtOrBelow = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);

const escaped = (path: string) =>
  path.replaceAll(/[\\ \t\n#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

const unescaped = (path: string) =>
  path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
