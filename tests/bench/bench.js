// npm run bench [-- RUNS [SIZE_MIB]]: one large file through the whole path, against its baselines, in turn, in one run.
import { cpus } from 'node:os';
import { benchAwsHosts } from './aws-hosts.js';
import { makeFile, startDirectly, startNginx, startPlain, startPlainApart, startSpillway } from './contenders.js';
import { download } from './measure.js';

const [runs = 5, sizeMib = 1024] = process.argv.slice(2).map(Number);
const sizeBytes = sizeMib * 1_048_576;
const gigabytes = sizeBytes / 1e9;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const sum = (values) => values.reduce((total, value) => total + value, 0);

function row(name, results, baseline) {
  const speed = median(results.map(({ mbPerSecond }) => mbPerSecond));
  const ratio = median(results.map(({ mbPerSecond }, index) => mbPerSecond / baseline[index].mbPerSecond));
  const cpu = median(results.map((result) => sum(result.cpu.map(({ cpuSeconds }) => cpuSeconds)) / gigabytes));
  const firstByte = median(results.map(({ firstByteSeconds }) => firstByteSeconds * 1000));
  const names = [...new Set(results.at(-1).cpu.map((part) => part.name))];
  const detail = names.map((part) => {
    const ofPart = (result) => result.cpu.filter((one) => one.name === part);
    const cpuSeconds = median(results.map((result) => sum(ofPart(result).map((one) => one.cpuSeconds)) / gigabytes));
    const peaks = ofPart(results.at(-1)).map(({ peakMib }) => peakMib.toFixed(0));
    return `${part} ${cpuSeconds.toFixed(2)} s/GB${part === 'curl' ? '' : `, ${peaks.join(' + ')} MiB`}`;
  });
  return `| ${name} | ${speed.toFixed(0)} | ${ratio.toFixed(2)} | ${cpu.toFixed(2)} | ${firstByte.toFixed(1)} | ${detail.join('; ')} |`;
}

/** Prints one table; the ratios are to `baselineName`, run by run. */
async function compare(title, contenders, baselineName) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (const contender of Object.values(contenders)) await download(contender, sizeBytes);
  for (let run = 0; run < runs; run += 1) {
    for (const [name, contender] of Object.entries(contenders))
      results[name].push(await download(contender, sizeBytes));
  }
  console.log(
    `\n${title}: ${sizeMib} MiB by curl, medians of ${runs} interleaved runs; ${cpus().length} cores, Node ${process.versions.node}\n`,
  );
  console.log('| path | MB/s | ratio | CPU s/GB | first byte ms | by process: CPU, peak RSS |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const [name, result] of Object.entries(results)) console.log(row(name, result, results[baselineName]));
}

const file = await makeFile(sizeMib);
const nginx = await startNginx();
if (nginx === undefined) console.log('nginx is not installed: its yardstick is left out.');
await compare(
  'Node.js function',
  {
    'Spillway, --limits off': await startSpillway(file, 'template.yaml', 'bench-objects'),
    'plain Node pipes, one server process': await startPlain(file),
    'plain Node pipes, file server of its own': await startPlainApart(file),
    ...(nginx === undefined ? {} : { 'nginx -> nginx -> nginx -> curl': nginx }),
  },
  'plain Node pipes, one server process',
);

const example = '../../examples/python-stdlib';
const python = await startSpillway(file, `${example}/template.yaml`, 'pythonfiles');
await compare(
  'Python http.server behind the web adapter',
  {
    'Spillway, --limits off': python,
    'the same server directly': await startDirectly(`${example}/src/server.py`, 'pythonfiles', python.origin),
  },
  'the same server directly',
);
await benchAwsHosts(runs, Math.min(sizeMib, 256));
process.exit(0);
