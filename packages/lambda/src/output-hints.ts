import { hint } from './hints.ts';
import type { ListeningSocket } from './listening-sockets.ts';

// What a web app and the web adapter print when they do not find each other, and what to do about it. The lines are the shell's, Python's,
// Node's and the adapter's own; each hint follows its line.

export interface OutputHintsOptions {
  /** The file that the wrapper of the web adapter starts, as a rule. */
  readonly handler: string;
  /** What the processes of the environment listen on; empty where that can't be told. */
  readonly listeningSockets: () => readonly ListeningSocket[];
}

interface Trap {
  readonly pattern: RegExp;
  /** Undefined: all is well with this line. */
  readonly hint: (match: RegExpExecArray, options: OutputHintsOptions) => string | undefined;
}

/** An app may well take this long to start, ms. */
const SLOW_START_MS = 2000;

const TRAPS: readonly Trap[] = [
  {
    pattern: /\$'\\r': command not found|\^M: bad interpreter|\r: not found/,
    hint: (_, { handler }) =>
      `A script has the line ends of Windows (CRLF), which the shell takes for part of its commands. Save it with LF: ` +
      `sed -i 's/\\r$//' ${handler}; in .gitattributes: "*.sh text eol=lf".`,
  },
  {
    pattern: /(?:ModuleNotFoundError: |python[\d.]*: )No module named '?([\w.]+)/,
    hint: ([, name]) =>
      `${name} is not in the function's package, and Lambda has no more than the package and its layers. Put it there: ` +
      'pip install --target DIRECTORY -r requirements.txt, into the directory that becomes the package.',
  },
  {
    pattern: /exec: ([^:]+): not found|: ([\w.-]+): command not found/,
    hint: ([, executed, called]) =>
      `There is no ${executed ?? called} on the PATH of the function. What pip installs with --target has its programs in the directory bin ` +
      'of the package, which is not on it: start them with "python3 -m NAME", or by their path.',
  },
  {
    pattern: /EADDRINUSE|[Aa]ddress already in use/,
    hint: () =>
      'The port is taken: environments share the network of this machine, where each of them has one of its own on Lambda. Listen on the ' +
      'port in the variable PORT, which differs from environment to environment here.',
  },
  { pattern: /app is not ready after (\d+)ms/, hint: notReadyHint },
];

/** Finds the traps in what an environment prints; each one is told once, until its processes are started anew. */
export class OutputHints {
  readonly #options: OutputHintsOptions;
  #told = new Set<Trap>();

  constructor(options: OutputHintsOptions) {
    this.#options = options;
  }

  /** What is to follow this line in the log. */
  read(line: string): string | undefined {
    for (const trap of TRAPS) {
      const match = this.#told.has(trap) ? null : trap.pattern.exec(line);
      const text = match ? trap.hint(match, this.#options) : undefined;
      if (text === undefined) continue;
      this.#told.add(trap);
      return hint(text);
    }
    return undefined;
  }

  reset(): void {
    this.#told = new Set();
  }
}

function notReadyHint(match: RegExpExecArray, { listeningSockets }: OutputHintsOptions): string | undefined {
  if (Number(match[1]) < SLOW_START_MS) return undefined;
  const [asked] = /https?:\/\/[^\s"\\]+/.exec(match.input) ?? [];
  const url = new URL(asked ?? 'http://127.0.0.1:8080/');
  const port = Number(url.port || 80);
  const sockets = listeningSockets();
  const here = sockets.filter((socket) => socket.port === port);
  if (sockets.length === 0) {
    return (
      `The web adapter asks ${url} until the web app answers, and nothing listens yet. If the app has failed, its error is above. If it only ` +
      'starts slowly: Lambda ends the init after 10 s; AWS_LWA_ASYNC_INIT=true lets the first invocation wait for the rest.'
    );
  }
  if (here.length === 0) {
    const ports = [...new Set(sockets.map((socket) => socket.port))].join(', ');
    return (
      `The web app listens on port ${ports}, and the web adapter asks ${url}. Let the app listen on the port in the variable PORT (here it ` +
      'differs from environment to environment), not on a fixed one.'
    );
  }
  if (!here.some(({ address }) => ['127.0.0.1', '0.0.0.0', '::'].includes(address))) {
    return `The web app listens on ${here[0]?.address} port ${port}, where the web adapter does not ask: it asks ${url}. Listen on 127.0.0.1 or 0.0.0.0.`;
  }
  return (
    `The web app listens on port ${port}, but does not answer ${url} with a status below 500, which the web adapter waits for. Let it answer ` +
    'there, or name a path that it does answer in AWS_LWA_READINESS_CHECK_PATH, or set AWS_LWA_READINESS_CHECK_PROTOCOL=tcp.'
  );
}
