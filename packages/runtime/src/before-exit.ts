// Node.js has nothing left to do: that is how a handler that never answers is noticed, and how the event loop is waited for.

const nothing = () => {};
let listener: () => void = nothing;

/** Calls `emptied` each time when the event loop has run empty, until another one takes its place. */
export function whenEventLoopIsEmpty(emptied: () => void): void {
  listener = emptied;
}

export function forgetEventLoop(): void {
  listener = nothing;
}

/** Once for each process. */
export function watchEventLoop(): void {
  process.on('beforeExit', () => listener());
}
