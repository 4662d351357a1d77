import type { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import type { Position } from './template-node.ts';

/** Of API Gateway's extensions to OpenAPI. */
export const PREFIX = 'x-amazon-apigateway-';

/** Extensions without effect that anyone could see, by the part behind the prefix. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  documentation: 'descriptive only',
  'importexport-version': 'descriptive only',
  'request-validators': 'request validation is not emulated, and none is used',
};
const REFUSED: Readonly<Record<string, string>> = {
  'minimum-compression-size': 'the gateway does not compress',
  policy: 'resource policies of APIs are not emulated',
  'request-validator': 'request validation is not emulated',
};

/** Reports the extensions that are not among `served`, or have no effect. */
export function checkExtensions(properties: Properties, served: ReadonlySet<string>, context: ReadContext): void {
  for (const name of properties.names) {
    if (!name.startsWith(PREFIX) || served.has(name.slice(PREFIX.length))) continue;
    const reason = WITHOUT_EFFECT[name.slice(PREFIX.length)];
    if (reason === undefined) refuseExtension(name, properties.at(name), properties.label, context);
    else context.problems.ignore(properties.at(name), `${name} of ${properties.label}: ${reason}.`);
  }
}

export function refuseExtension(name: string, at: Position, label: string, { problems }: ReadContext): void {
  const reason = REFUSED[name.slice(PREFIX.length)] ?? 'Spillway does not know this extension';
  problems.unsupported(at, `${name} of ${label} is not supported: ${reason}.`);
}
