const PAGE_BYTES = 4096;

/**
 * A buffer of `sizeBytes` for the system to read files and sockets into; its bytes are whatever was there before. It starts in the middle of
 * a page of memory: large arrays start 16 bytes into one, what the kernel copies from mostly at a page's start, and AMD's Zen 3
 * takes three times as long to copy between places that lie so near to each other within their pages.
 * @see https://sourceware.org/bugzilla/show_bug.cgi?id=30994
 */
export function ioBuffer(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(sizeBytes + PAGE_BYTES).subarray(PAGE_BYTES / 2, PAGE_BYTES / 2 + sizeBytes);
}
