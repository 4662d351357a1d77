import { connect, type Socket } from 'node:net';
import { reset } from './reset.ts';

export interface Authority {
  readonly hostName: string;
  readonly port: number;
}

/** Reads the target of a CONNECT request. */
export function readAuthority(target: string): Authority | undefined {
  const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([^:/?#@\s]+)):(\d{1,5})$/i.exec(target) ?? [];
  const hostName = bracketed ?? plain;
  return hostName === undefined ? undefined : { hostName, port: Number(port) };
}

/** The answer to a CONNECT request. What follows it is the other side's. */
export const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';

/**
 * Carries bytes between a client and the place it asked for, unread, until both have ended. `head`: what the client sent already. An end is passed
 * on as an end, a break as a break.
 */
export function tunnel(client: Socket, head: Buffer, { hostName, port }: Authority): void {
  const target = connect({ host: hostName, port, allowHalfOpen: true, noDelay: true });
  let isOpen = false;
  target.once('connect', () => {
    isOpen = true;
    client.write(ESTABLISHED);
    if (head.byteLength > 0) target.write(head);
    client.pipe(target);
    target.pipe(client);
  });
  target.once('error', (error) => {
    if (isOpen) reset(client);
    else refuse(client, `502 ${error.message.replaceAll(/[^ -~]/g, ' ')}`);
  });
  client.once('error', () => reset(target));
  client.once('close', () => target.destroy());
}

/** Answers a CONNECT request with what it can't have. `status`: code and reason. */
export function refuse(client: Socket, status: string, header = ''): void {
  client.end(`HTTP/1.1 ${status}\r\n${header}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}
