import type { Socket } from 'node:net';

/** Ends a connection in a way that nobody takes for a good end. Node's resetAndDestroy() sends FIN before RST; this sends RST alone. */
export function reset(socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
