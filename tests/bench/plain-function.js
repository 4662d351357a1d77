// The baseline's function: asks for an event, fetches the file, pipes it into the response.
import { Agent, get, request } from 'node:http';

const [runtimeApi, url] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, headers) => request(`http://${runtimeApi}/`, { agent, method, headers });
const answerTo = (outgoing) =>
  new Promise((resolve) => outgoing.on('response', (response) => response.resume().on('end', resolve)));

process.on('uncaughtException', () => process.exit(0));
while (true) {
  const next = call('GET');
  const event = answerTo(next);
  next.end();
  await event;
  const file = await new Promise((resolve) => get(url, resolve));
  const post = call('POST', { 'X-Object-Length': file.headers['content-length'] });
  const answered = answerTo(post);
  file.pipe(post);
  await answered;
}
