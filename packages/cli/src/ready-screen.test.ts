import type { Local } from '@spillway/local';
import { AWS_LIMITS, type Stack, type TemplateNote } from '@spillway/wire';
import { expect, test } from 'vitest';
import { readyScreen } from './ready-screen.ts';

const note = (line: number, message: string): TemplateNote => ({
  file: '/stack/template.yaml',
  line,
  column: 7,
  message,
});

function screen(stack: Partial<Stack>): readonly string[] {
  const whole: Stack = {
    name: 'files',
    functions: [],
    permissions: [],
    restApis: [],
    buckets: [],
    outputs: [],
    warnings: [],
    notEnforced: [],
    ...stack,
  };
  const local = { port: 4566, url: 'http://127.0.0.1:4566', stacks: [whole], functions: () => whole.functions };
  return readyScreen(local as unknown as Local, { limits: AWS_LIMITS }).split('\n');
}

test('what has no effect is listed by reason, and breaks into lines of 100 columns at most', () => {
  const lines = screen({
    notEnforced: [
      ...Array.from({ length: 9 }, (_, index) =>
        note(10 + index, `Policies of Function${index}: IAM is not enforced.`),
      ),
      note(40, 'Tags of Files: tags have no effect here.'),
    ],
  });
  expect(lines.filter((line) => line.startsWith('Note: '))).toEqual([
    'Note: /stack/template.yaml: IAM is not enforced: Policies of Function0 (line 10), Policies of',
    'Note: /stack/template.yaml: tags have no effect here: Tags of Files (line 40).',
  ]);
  expect(lines.join(' ')).toContain('Function8 (line 18).');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
});

test('a warning names its place, an output its local address, and the last line is Ready', () => {
  const lines = screen({
    warnings: [note(3, 'an edge endpoint cuts a stream after 30 s of silence.')],
    outputs: [{ name: 'Url', value: 'https://abcdefghij.execute-api.us-east-1.amazonaws.com/prod/x' }],
  });
  expect(lines).toContain('Warning: /stack/template.yaml:3:7: an edge endpoint cuts a stream after 30 s of silence.');
  expect(lines).toContain('  Url = http://127.0.0.1:4566/_aws/execute-api/abcdefghij/prod/x');
  expect(lines.at(-2)).toBe('Ready on http://127.0.0.1:4566');
});
