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

const EMPTY: Stack = {
  name: 'files',
  functions: [],
  permissions: [],
  restApis: [],
  buckets: [],
  outputs: [],
  warnings: [],
  notEnforced: [],
};

function localOf(stacks: readonly Stack[]): Local {
  const functions = () => stacks.flatMap((stack) => stack.functions);
  return { port: 4566, url: 'http://127.0.0.1:4566', stacks, functions } as unknown as Local;
}

const screen = (stack: Partial<Stack>): readonly string[] =>
  readyScreen(localOf([{ ...EMPTY, ...stack }]), { limits: AWS_LIMITS }).split('\n');

/** A stack with one API, with a route for each path. */
function stackOf(id: string, modes: Readonly<Record<string, 'STREAM' | 'BUFFERED'>>): Stack {
  const resources = Object.entries(modes).map(([path, responseTransferMode]) => ({
    id: path,
    path,
    methods: { GET: { httpMethod: 'GET', integration: { type: 'AWS_PROXY', responseTransferMode } } },
  }));
  const api = { logicalId: 'Api', restApi: { id, resources }, stages: [{ stageName: 'prod', variables: {} }] };
  return { ...EMPTY, restApis: [api] as unknown as Stack['restApis'] };
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

test("the demo's screen lists every streamed route, and what would bring in the others", () => {
  const stacks = [
    stackOf('aaaaaaaaaa', { '/buffered/{key+}': 'BUFFERED', '/download/{key+}': 'STREAM' }),
    stackOf('bbbbbbbbbb', { '/download/{key+}': 'STREAM' }),
  ];
  const demo = {
    served: ['node-download', 'python-stdlib'].map((name) => ({ name, template: '' })),
    missing: [{ name: 'python-fastapi', needs: 'its dependencies', command: 'python3 -m pip install' }],
  };
  const text = readyScreen(localOf(stacks), { limits: AWS_LIMITS, demo });
  const places = ['aaaaaaaaaa', 'bbbbbbbbbb', 'python-fastapi', 'BUFFERED '].map((part) => text.indexOf(part));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(text).toMatch(
    /STREAM {4}GET \S+bbbbbbbbbb\S+ {2}\(python-stdlib\)\n {4}curl .*bbbbbbbbbb\S+sample-64MiB\.bin$/m,
  );
  expect(text).toContain('  python-fastapi needs its dependencies: python3 -m pip install\n');
});

test('names each function URL with its mode and authorisation', () => {
  const url = { functionName: 'download', authType: 'AWS_IAM', invokeMode: 'RESPONSE_STREAM' } as const;
  expect(screen({ functionUrls: [url] })).toContainEqual(
    expect.stringMatching(
      /^ {2}Function URL of download \(RESPONSE_STREAM, AWS_IAM\): http:\/\/127\.0\.0\.1:4566\/_aws\/lambda-url\/[a-z0-9]{32}\/$/,
    ),
  );
});
