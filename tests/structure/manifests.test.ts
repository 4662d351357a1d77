import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Who may import whom. Siblings import wire and http, never each other; only local composes. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  http: ['wire'],
  origin: ['wire', 'http'],
  runtime: ['wire', 'http'],
  lambda: ['wire', 'http'],
  gateway: ['wire', 'http'],
  template: ['wire'],
  iam: ['wire', 'http'],
  handler: ['wire'],
  client: ['wire'],
  local: ['wire', 'http', 'origin', 'runtime', 'lambda', 'gateway', 'template', 'iam', 'handler'],
  cli: ['wire', 'client', 'local', 'handler'],
};

const packages = new URL('../../packages/', import.meta.url);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

describe('the manifests', () => {
  it('name every package of the table and no other', () => {
    expect(readdirSync(packages).sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it.each(Object.entries(MAY_IMPORT))('let %s import %j alone', (name, allowed) => {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')) as Manifest;
    const ours = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith('@spillway/'));
    expect(ours.filter((dependency) => !allowed.includes(dependency.slice('@spillway/'.length)))).toEqual([]);
  });
});
