type LogLevel = 'ERROR' | 'WARN' | 'INFO';

export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, string>>) => void;

const RANKS: Readonly<Record<string, number>> = { OFF: 0, ERROR: 1, WARN: 2, INFO: 3, DEBUG: 4, TRACE: 5 };
const DEFAULT_RANK = 3;

/** Lines as AWS's adapter prints them: text, or JSON when the function's log format is JSON; from the function's log level up. */
export function adapterLog(environment: NodeJS.ProcessEnv, write: (line: string) => void): Log {
  const json = environment['AWS_LAMBDA_LOG_FORMAT']?.toLowerCase() === 'json';
  const level = environment['AWS_LAMBDA_LOG_LEVEL'] ?? environment['RUST_LOG'] ?? 'INFO';
  const highest = RANKS[level.toUpperCase()] ?? DEFAULT_RANK;
  return (rank, message, fields = {}) => {
    if ((RANKS[rank] ?? DEFAULT_RANK) > highest) return;
    write(json ? JSON.stringify({ level: rank, fields: { message, ...fields } }) : textLine(rank, message, fields));
  };
}

function textLine(level: LogLevel, message: string, fields: Readonly<Record<string, string>>): string {
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`);
  return `${level.padStart(5)} ${message}${shown.join('')}`;
}
