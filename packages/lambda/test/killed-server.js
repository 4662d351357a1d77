// A server with two environments, to be killed: prints their process ids and its temporary directory.
// Arguments: a directory with code in f/ and an empty state/, the path of the bootstrap.
import { readdirSync } from 'node:fs';
import { CredentialStore } from '@spillway/http';
import { startLambda } from '@spillway/lambda';
import { AWS_LIMITS } from '@spillway/wire';

const [directory, bootstrapPath] = process.argv.slice(2);
const lambda = await startLambda({
  region: 'us-east-1',
  limits: AWS_LIMITS,
  directory: `${directory}/state`,
  bootstrapPath,
  endpointUrl: 'http://127.0.0.1:1',
  endpointServices: [],
  credentials: new CredentialStore(),
});
await lambda.createFunction({
  functionName: 'f',
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  code: { kind: 'directory', path: `${directory}/f` },
  architecture: 'x86_64',
  timeoutSeconds: 60,
  memorySizeMb: 128,
  environment: {},
  layers: [],
  logFormat: 'Text',
});
const call = async () => {
  const { payload } = await lambda.invoker.invoke({ functionName: 'f', payload: Buffer.from('{}') });
  return JSON.parse(Buffer.from(payload).toString());
};
const pids = (await Promise.all([call(), call()])).flat();
const runs = readdirSync(`${directory}/state`).filter((name) => name.startsWith('run-'));
console.log(JSON.stringify({ pids, runs }));
setInterval(() => {}, 1000);
