import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AWS_LIMITS, type Stack } from '@spillway/wire';
import { type ReadTemplateOptions, readTemplate } from '../src/read-template.ts';

/** Reads `text` as template.yaml in a directory `shop`, with other files beside it. */
export async function readText(
  text: string,
  options: Partial<ReadTemplateOptions> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Stack> {
  const root = mkdtempSync(join(tmpdir(), 'spillway-template-'));
  try {
    const files = { 'src/index.mjs': '', 'template.yaml': text, ...options.files };
    for (const [name, content] of Object.entries(files)) {
      const path = join(root, 'shop', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    const file = join(root, 'shop', options.file ?? 'template.yaml');
    return await readTemplate({ region: 'eu-west-1', limits: AWS_LIMITS, ...options, file });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The errors of a template that must not be read, without the directory: `template.yaml:3:5: ...`. */
export async function problemsOf(text: string, options: Parameters<typeof readText>[1] = {}): Promise<string[]> {
  try {
    await readText(text, options);
  } catch (error) {
    const { message, name } = error as Error;
    if (name !== 'UsageError') throw error;
    return message.split('\n').map((line) => line.replaceAll(/\S*\/shop\//g, ''));
  }
  throw new Error('The template was read without an error.');
}

/** `line:column: message` of each. */
export const lines = (notes: Stack['warnings']): string[] =>
  notes.map(({ line, column, message }) => `${line}:${column}: ${message}`);

/** A SAM template with these resources, each indented by two. */
export const sam = (resources: string, head = ''): string =>
  `Transform: AWS::Serverless-2016-10-31\n${head}Resources:\n${resources}`;
