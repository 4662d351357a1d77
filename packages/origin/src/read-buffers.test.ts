import { expect, it } from 'vitest';
import { ReadBuffers } from './read-buffers.ts';

const MIB = 1_048_576;

it('gives one stream 1 MiB, and no more than it needs', () => {
  const buffers = new ReadBuffers();
  const lease = buffers.lease();
  expect(lease.buffer(1).byteLength).toBe(65_536);
  expect(lease.buffer(65_537).byteLength).toBe(131_072);
  expect(lease.buffer(100 * MIB).byteLength).toBe(MIB);
  expect(lease.buffer(100 * MIB)).toBe(lease.buffer(100 * MIB));
});

it('shares its bytes out as streams multiply, down to 64 KiB each', () => {
  const buffers = new ReadBuffers(32 * MIB);
  const leases = Array.from({ length: 64 }, () => buffers.lease());
  expect(leases.map((lease) => lease.buffer(MIB).byteLength)).toEqual(Array(64).fill(MIB / 2));
  const more = Array.from({ length: 1000 }, () => buffers.lease());
  for (const lease of [...leases, ...more]) expect(lease.buffer(MIB).byteLength).toBe(65_536);
  for (const lease of more) lease.release();
  expect(leases[0]?.buffer(MIB).byteLength).toBe(MIB / 2);
});

it('never hands out more than its bytes, however streams come', () => {
  const buffers = new ReadBuffers(4 * MIB);
  const leases: ReturnType<ReadBuffers['lease']>[] = [];
  const held = new Map<(typeof leases)[number], number>();
  for (let count = 0; count < 60; count += 1) {
    const lease = buffers.lease();
    leases.push(lease);
    held.set(lease, lease.buffer(MIB).byteLength);
    const heldBytes = [...held.values()].reduce((sum, bytes) => sum + bytes, 0);
    // The least is given in any case.
    expect(heldBytes).toBeLessThanOrEqual(4 * MIB + count * 65_536);
    const first = leases[count % 7] ?? lease;
    held.set(first, first.buffer(MIB).byteLength);
  }
});

it('uses a returned buffer again', () => {
  const buffers = new ReadBuffers();
  const first = buffers.lease();
  const buffer = first.buffer(MIB);
  first.release();
  const second = buffers.lease();
  expect(second.buffer(MIB)).toBe(buffer);
});
