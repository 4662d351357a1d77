// What one download costs: wall time by curl, CPU seconds and peak memory by process, from Linux's /proc.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const CLOCK_TICKS_PER_SECOND = 100;

/** A process and all below it. */
function family(pid) {
  const below = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...below.flatMap(family)];
}

function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  const script = command.find((part) => /\.m?js$/.test(part)) ?? command[0] ?? '';
  return {
    // A process may name itself, as nginx does, with what it was started with behind.
    name: basename(script.split(' ')[0]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND,
    peakMib: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  };
}

const processes = (pids) => new Map(pids.flatMap(family).map((pid) => [pid, usage(pid)]));

/** One download by curl: MB/s, and CPU seconds by process. */
export async function download({ url, pids }, expectedBytes) {
  const before = processes(pids);
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `curl --silent --show-error --fail --output /dev/null --write-out '%{size_download} %{time_total} %{time_starttransfer}\\n' '${url}' && times`,
  ]);
  const [line = '', , childTimes = ''] = stdout.split('\n');
  const [sizeBytes, seconds, firstByteSeconds] = line.split(' ').map(Number);
  if (sizeBytes !== expectedBytes) throw new Error(`${url} gave ${sizeBytes} bytes`);
  const curlSeconds = [...childTimes.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  );
  const cpu = [...processes(pids)].map(([pid, { name, cpuSeconds, peakMib }]) => ({
    name,
    peakMib,
    cpuSeconds: cpuSeconds - (before.get(pid)?.cpuSeconds ?? 0),
  }));
  return {
    mbPerSecond: sizeBytes / 1e6 / seconds,
    firstByteSeconds,
    cpu: [...cpu, { name: 'curl', cpuSeconds: curlSeconds, peakMib: 0 }],
  };
}
