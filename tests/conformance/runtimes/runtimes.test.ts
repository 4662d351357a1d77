import { LIFTED_LIMITS } from '@spillway/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem } from '../../scenarios/support/system.ts';
import { cases } from './cases.ts';
import { clients, type RuntimeClient } from './clients.ts';
import { type Gate, openGate } from './gate.ts';
import { CASE_NAMES, template } from './stack.ts';

/** Plays every case in the client's functions, deployed as a user's are. */
function suite(client: RuntimeClient): void {
  let gate: Gate;
  let system: System;
  beforeAll(async () => {
    gate = await openGate();
    const { copies, files, webAdapterLayer, properties } = client;
    system = await startSystem(
      { 'template.yaml': template(properties, gate.address), ...files },
      { copies, limits: LIFTED_LIMITS, ...(webAdapterLayer === undefined ? {} : { webAdapterLayer }) },
    );
  });
  afterAll(async () => {
    await system?.close();
    gate.close();
  });
  for (const name of CASE_NAMES) {
    const { says, play } = cases[name];
    const miss = client.knownMisses[name];
    if (miss === undefined) test(says, () => play({ system, gate, client }));
    else {
      test(`${says} (known miss: ${miss})`, async () => {
        await expect(play({ system, gate, client }), 'a known miss that passes').rejects.toThrow();
      });
    }
  }
}

for (const client of clients) {
  if (client.missing === undefined) describe(client.name, () => suite(client));
  else describe.skip(`${client.name}: ${client.missing}`, () => suite(client));
}
