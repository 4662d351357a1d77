import { type FunctionConfiguration, UsageError } from '@spillway/wire';

export interface RuntimeCommand {
  readonly command: string;
  readonly arguments: readonly string[];
}

/** @throws UsageError for a runtime that can't be started here. */
export function checkRuntime({ functionName, runtime }: FunctionConfiguration): void {
  if (!/^nodejs\d+\.x$/.test(runtime)) {
    throw new UsageError(
      `Function ${functionName}: runtime ${runtime} is not supported yet. Supported are the Node.js runtimes (nodejs20.x, nodejs22.x, ` +
        `nodejs24.x), which run on the Node.js of this machine (${process.version}).`,
    );
  }
}

/** AWS's heap flags: 5 % of the memory for young objects, 90 % for old ones. `inspectPort`: of the debugger, 0 for any. */
export function runtimeCommand(
  { memorySizeMb }: FunctionConfiguration,
  bootstrapPath: string,
  inspectPort: number | undefined,
): RuntimeCommand {
  const flags = [
    '--expose-gc',
    '--max-http-header-size=81920',
    `--max-semi-space-size=${Math.floor(memorySizeMb * 0.05)}`,
    `--max-old-space-size=${Math.floor(memorySizeMb * 0.9)}`,
  ];
  const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
  return { command: process.execPath, arguments: [...flags, ...inspect, bootstrapPath] };
}
