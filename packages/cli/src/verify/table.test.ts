import { describe, expect, it } from 'vitest';
import { tableRow } from './table.ts';

const STYLE = { width: 72, isColored: false };

describe('tableRow', () => {
  it('wraps at the width, below what was seen', () => {
    const row = tableRow({ name: 'etag', verdict: 'fail', seen: 'word '.repeat(30).trim(), advice: 'do it' }, STYLE);
    const lines = row.split('\n');
    expect(lines.length).toBeGreaterThan(3);
    expect(lines[0]).toMatch(/^etag {17}fail {3}word/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(72);
    expect(lines.at(-1)).toMatch(/^ {28}-> do it$/);
  });

  it('prints nothing that moves the cursor or turns text around', () => {
    const row = tableRow({ name: 'name', verdict: 'pass', seen: 'a\u001b[2Jb\u202ec\nd' }, STYLE);
    expect(row).toContain('a?[2Jb?c?d');
  });

  it('colours the result alone', () => {
    expect(tableRow({ name: 'name', verdict: 'pass', seen: 'x' }, { ...STYLE, isColored: true })).toMatch(
      /pass\S* +x$/,
    );
  });
});
