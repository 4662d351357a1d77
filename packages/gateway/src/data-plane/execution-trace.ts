import type { StageConfiguration } from '@spillway/wire';
import type { HeaderList } from './headers.ts';

/** Longest text of one line. As recorded. */
const LINE_CHARACTERS = 1024;

/** Headers whose values the log shows the last six characters of. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'x-api-key', 'x-amz-security-token'];

/** What the execution log says of one request at INFO, line by line in AWS's words. */
export class ExecutionTrace {
  readonly lines: string[] = [];
  #level: 'OFF' | 'ERROR' | 'INFO' = 'OFF';
  #hasData = false;

  /**
   * The stage is known, and the resource if there is one: from here on lines are taken as their settings say. Of `httpMethods` the first
   * that has a setting counts: the request's own, as a setting is for a verb, then the method's, which may be ANY in a template.
   */
  setUp(
    { loggingLevel, methodSettings = {} }: StageConfiguration,
    path = '',
    httpMethods: readonly string[] = [],
  ): void {
    const resource = path.replace(/^\//, '').replaceAll('/', '~1');
    const keys = [...httpMethods.map((httpMethod) => `${resource}/${httpMethod}`), '*/*'];
    const setting = keys.map((key) => methodSettings[key]).find((given) => given !== undefined);
    this.#level = setting?.loggingLevel ?? loggingLevel ?? 'OFF';
    this.#hasData = setting?.dataTraceEnabled ?? false;
  }

  get isInfo(): boolean {
    return this.#level === 'INFO';
  }

  info(line: string): void {
    if (this.isInfo) this.lines.push(truncated(line));
  }

  /** For bodies: they are logged with `dataTraceEnabled` alone. */
  data(name: string, content: Uint8Array | string): void {
    if (!this.isInfo || !this.#hasData) return;
    const text =
      typeof content === 'string' ? content : Buffer.from(content.subarray(0, LINE_CHARACTERS * 4)).toString();
    this.info(`${name}: ${text}`);
  }
}

const truncated = (line: string) =>
  line.length <= LINE_CHARACTERS ? line : `${line.slice(0, LINE_CHARACTERS)} [TRUNCATED]`;

/** `{Accept=text/html, Host=h}`, as Java prints a map. */
export function loggedMap(pairs: HeaderList): string {
  const entries = pairs.map(([name, value]) => {
    return `${name}=${SECRET_HEADERS.includes(name.toLowerCase()) ? masked(value) : value}`;
  });
  return `{${entries.join(', ')}}`;
}

/** All but the last six characters as stars. */
export const masked = (secret: string): string => `${'*'.repeat(Math.max(secret.length - 6, 0))}${secret.slice(-6)}`;
