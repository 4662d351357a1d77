// npm start: sets up what is missing, then starts the demo (or whatever the arguments after `--` say).
import { setUp } from './setup.js';

setUp();
const { main } = await import('../packages/cli/dist/index.js');
await main(['start', ...process.argv.slice(2)]);
