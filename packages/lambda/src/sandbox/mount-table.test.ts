import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostMounts, isAtOrBelow, mountTable } from './mount-table.ts';

const MOUNTINFO = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /home rw,nosuid,nodev,relatime shared:2 - btrfs /dev/vdb rw
31 30 0:26 / /home/a\\040b rw,noexec - tmpfs tmpfs rw
`;

test('what a mount of the host forbids stays forbidden when its part is made read-only', () => {
  const mounts = hostMounts(MOUNTINFO);
  const of = (source: string) => mountTable([{ source, target: '/t', isReadOnly: true }], mounts);
  expect(of('/srv')).toBe('/srv /t none rbind,ro 0 0\n');
  expect(of('/home/x')).toBe('/home/x /t none rbind,ro,nosuid,nodev 0 0\n');
  expect(of('/home/a b/c')).toBe('/home/a\\040b/c /t none rbind,ro,noexec 0 0\n');
  expect(mountTable([{ source: '/home', target: '/t', isReadOnly: false }], mounts)).toBe('/home /t none rbind 0 0\n');
});

test('any path makes one line of six fields', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const table = mountTable([{ source: `/${name}`, target: '/t', isReadOnly: false }], []);
      expect(table.match(/[ \t\n]/g)).toHaveLength(6);
      expect(table.startsWith('#')).toBe(false);
    }),
  );
});

test('a path is below a directory by whole names', () => {
  expect(isAtOrBelow('/opt', '/opt')).toBe(true);
  expect(isAtOrBelow('/opt/a', '/opt')).toBe(true);
  expect(isAtOrBelow('/optional', '/opt')).toBe(false);
  expect(isAtOrBelow('/a', '/')).toBe(true);
});
