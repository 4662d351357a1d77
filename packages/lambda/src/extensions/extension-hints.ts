import { hint } from '../hints.ts';
import type { Extension } from './extension.ts';
import { hasCarriageReturns } from './extension-files.ts';
import type { ExtensionFailure } from './extensions.ts';

// What to do about an extension that Lambda would not start, or waits for in vain.

/** For an extension that could not be started. */
export function launchHint({ errorType, text, name, path }: ExtensionFailure): string | undefined {
  if (errorType !== 'Extension.LaunchError' || path === undefined) return undefined;
  if (text.endsWith('permission denied')) {
    return hint(
      `Extension ${name} has no execute permission. Set it where the layer is made (chmod +x extensions/${name}) and keep it in the zip: ` +
        'an archive made on Windows loses it.',
    );
  }
  if (text.endsWith('exec format error')) {
    return hint(
      `Extension ${name} is no executable of this machine (${process.arch}): it was built for another architecture, or it is a script ` +
        'without its first line (#!/bin/sh). Take the layer of the architecture that the function has.',
    );
  }
  if (!text.endsWith('no such file or directory')) {
    return hint('A function has at most 10 extensions. Take out a layer that brings one.');
  }
  return hasCarriageReturns(path)
    ? hint(
        `The first line of extension ${name} ends in a carriage return (Windows line ends), so that its interpreter is not found. ` +
          `Save it with line feeds only (sed -i 's/\\r$//' extensions/${name}).`,
      )
    : hint(`The interpreter in the first line of extension ${name} is not there.`);
}

/** For an init that took too long, if it is extensions that it waited for. */
export function waitingHint(extensions: readonly Extension[]): string | undefined {
  const unregistered = extensions.filter(({ state }) => state === 'Started').map(({ name }) => name);
  if (unregistered.length > 0) {
    return hint(
      `${unregistered.join(', ')} did not register (POST /2020-01-01/extension/register), and the runtime is started only when all ` +
        'extensions have. The name that it registers must be its file name.',
    );
  }
  const waiting = extensions.filter(({ state }) => state !== 'Ready').map(({ name }) => name);
  if (waiting.length === 0) return undefined;
  return hint(
    `${waiting.join(', ')} registered but did not ask for an event (GET /2020-01-01/extension/event/next), which ends the init of an extension.`,
  );
}
