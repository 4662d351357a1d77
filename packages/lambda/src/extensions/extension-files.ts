import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The names of all plain files directly in the `extensions` directory of `optDirectory`, in the order in which they are started. */
export async function extensionNames(optDirectory: string): Promise<readonly string[]> {
  const directory = join(optDirectory, 'extensions');
  const names = await readdir(directory).catch(() => []);
  const stats = await Promise.all(names.map((name) => stat(join(directory, name)).catch(() => undefined)));
  return names.filter((_, index) => stats[index]?.isFile()).sort();
}

/** Why the kernel would not execute a file, as the texts of Lambda's errors have it. */
export type LaunchRefusal = 'permission denied' | 'exec format error' | 'no such file or directory';

/** Enough for an ELF header, and for the longest `#!` line that Linux takes. */
const HEAD_BYTES = 256;

/** ELF's e_machine by Node's names, and QEMU's. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const ELF_MACHINES: readonly { readonly arch: string; readonly machine: number; readonly emulator: string }[] = [
  { arch: 'x64', machine: 62, emulator: 'qemu-x86_64' },
  { arch: 'arm64', machine: 183, emulator: 'qemu-aarch64' },
];

/** Undefined for a file that can be executed, as far as can be told without doing it. */
export function launchRefusal(path: string): LaunchRefusal | undefined {
  if (!canBe(constants.F_OK, path)) return 'no such file or directory';
  if (!canBe(constants.X_OK, path)) return 'permission denied';
  const head = headOf(path);
  if (!head) return undefined;
  const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(head.toString('latin1')) ?? [];
  if (interpreter === undefined) return isForThisMachine(head) ? undefined : 'exec format error';
  return mayBeThere(interpreter) ? undefined : 'no such file or directory';
}

/** A file that is `#!` text with Windows' line ends: the interpreter's name ends in a carriage return. */
export function hasCarriageReturns(path: string): boolean {
  const text = headOf(path)?.toString('latin1') ?? '';
  return text.startsWith('#!') && /^[^\n]*\r\n/.test(text);
}

/** Directories of an environment may lie elsewhere for this process. */
const mayBeThere = (interpreter: string) =>
  canBe(constants.F_OK, interpreter) || (/^\/(opt|tmp|var)\//.test(interpreter) && !interpreter.endsWith('\r'));

/** Another machine's byte order would be another machine anyway: Lambda has little endian ones only. */
function isForThisMachine(head: Buffer): boolean {
  const isElf = head.toString('latin1', 0, 4) === '\x7fELF' && head.byteLength >= 20;
  if (process.platform !== 'linux') return !isElf;
  if (!isElf) return false;
  const known = ELF_MACHINES.find(({ machine }) => machine === head.readUInt16LE(18));
  return known !== undefined && (known.arch === process.arch || isEmulated(known.emulator));
}

/** By an interpreter for the executables of other machines. https://docs.kernel.org/admin-guide/binfmt-misc.html */
const isEmulated = (emulator: string) => canBe(constants.F_OK, join('/proc/sys/fs/binfmt_misc', emulator));

function canBe(mode: number, path: string): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function headOf(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
