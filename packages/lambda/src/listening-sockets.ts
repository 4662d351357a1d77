import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ListeningSocket {
  /** `127.0.0.1`, `0.0.0.0`; of IPv6 only whether it is `::`, `::1` or another one (`[...]`). */
  readonly address: string;
  readonly port: number;
}

/** As /proc/net/tcp has it. https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html */
const LISTEN = '0A';

/** What these processes listen on, as far as Linux tells; empty elsewhere. */
export function listeningSockets(processIds: readonly number[]): readonly ListeningSocket[] {
  const [first] = processIds;
  if (first === undefined) return [];
  const inodes = new Set(processIds.flatMap(socketInodes));
  const tables = ['tcp', 'tcp6'].map((table) => readProc(`/proc/${first}/net/${table}`));
  return tables.flatMap((table) => parseSocketTable(table, inodes));
}

/** The sockets of a table that listen and have one of these inodes. */
export function parseSocketTable(table: string, inodes: ReadonlySet<string>): readonly ListeningSocket[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && inodes.has(fields[9] ?? ''))
    .map((fields) => socketOf(fields[1] ?? ''));
}

function socketOf(local: string): ListeningSocket {
  const [hex = '', port = ''] = local.split(':');
  return { address: addressOf(hex), port: Number.parseInt(port, 16) };
}

/** Each 32 bits are in the byte order of this machine, which is little endian wherever Node runs today. */
function addressOf(hex: string): string {
  if (hex.length === 8) return [...Buffer.from(hex, 'hex').reverse()].join('.');
  if (/^0+$/.test(hex)) return '::';
  return hex === '00000000000000000000000001000000' ? '::1' : `[${hex}]`;
}

function socketInodes(processId: number): readonly string[] {
  const directory = `/proc/${processId}/fd`;
  try {
    return readdirSync(directory).flatMap(
      (name) => /^socket:\[(\d+)\]$/.exec(linkOf(`${directory}/${name}`))?.[1] ?? [],
    );
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
