// The baseline's hops, plain Node pipes and none of our logic: a file server, a Runtime API and a gateway.
// `plain-server.js all FILE FUNCTION` keeps all three in one process, as Spillway does; `files FILE` and `gateway URL FUNCTION` keep them apart.
import { spawn } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';

const [role, source, functionFile] = process.argv.slice(2);

const listen = (handle) =>
  new Promise((resolve) => {
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, handle);
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${server.address().port}`));
  });

const files = (path) => (_, response) => {
  response.writeHead(200, { 'Content-Length': statSync(path).size });
  createReadStream(path).pipe(response);
};

/** One client at a time: `/next` waits for it, `/response` is piped to it. */
async function gateway(url) {
  let next;
  let client;
  const pass = () => {
    if (next === undefined || client === undefined) return;
    next.end('{}');
    next = undefined;
  };
  const runtimeApi = await listen((request, response) => {
    if (request.method === 'GET') {
      next = response;
      pass();
      return;
    }
    client.writeHead(200, { 'Content-Length': request.headers['x-object-length'] });
    request.pipe(client);
    // A client that has it all may be gone before its `drain`, for which pipe() waits in vain.
    client.once('close', () => request.resume());
    request.on('end', () => response.writeHead(202).end());
    client = undefined;
  });
  spawn(process.execPath, [functionFile, runtimeApi, url], { stdio: 'inherit' });
  return listen((_, response) => {
    client = response;
    pass();
  });
}

const fileUrl = role === 'gateway' ? source : `http://${await listen(files(source))}/`;
console.log(role === 'files' ? fileUrl : `http://${await gateway(fileUrl)}/`);
