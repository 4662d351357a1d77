import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputLines } from './output-lines.ts';

function linesOf(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const output = new OutputLines((line) => lines.push(line));
  for (const chunk of chunks) output.write(chunk);
  output.flush();
  return lines;
}

test('one line is one event, however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 9 }), (texts, size) => {
      const text = texts.join('\n');
      const bytes = Buffer.from(text);
      const chunks: Buffer[] = [];
      for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
      const lines = linesOf(chunks);
      expect(lines.join('')).toBe(bytes.toString());
      expect(lines).toEqual(bytes.toString().match(/[^\n]*\n|[^\n]+$/g) ?? []);
    }),
  );
});

test('a line longer than an event becomes several, cut between characters', () => {
  const text = 'ü'.repeat(300_000);
  const lines = linesOf([Buffer.from(`${text}\n`)]);
  expect(lines.length).toBe(3);
  expect(lines.join('')).toBe(`${text}\n`);
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(262_144);
});
