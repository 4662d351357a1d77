// The handler of the ready-made bundle, `index.handler`: configured by environment variables alone (environment-options.ts).
import { createDownloadHandler, type DownloadHandler } from './create-download-handler.ts';
import { optionsFromEnvironment } from './environment-options.ts';

const options = optionsFromEnvironment(process.env);
// In the init phase, which has the time, and on Lambda the processor, that a first request has not.
if (options.bucket !== undefined) await import('@aws-sdk/client-s3');

export const handler: DownloadHandler = createDownloadHandler(options);
