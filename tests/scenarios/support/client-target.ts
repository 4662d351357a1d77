import { BUCKET_NAME, downloadStack } from './download-handler.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { seededBytes } from './random.ts';
import { startSystem } from './system.ts';

/** What real clients download: behind the download function, and through a proxy that breaks answers off. */
export interface ClientTarget {
  readonly bytes: Uint8Array;
  /** A Japanese name. */
  readonly url: string;
  /** Through a proxy that plays a fault so many times, then none. */
  faulty(fault: Fault, times: number): Promise<FaultProxy & { readonly objectUrl: string }>;
  close(): Promise<void>;
}

export const JAPANESE_NAME = '請求書 2026年11月.pdf';
/** What clients save that read no other than ASCII names. */
export const ASCII_NAME = '___ 2026_11_.pdf';

/** Below the 6 MiB of free running, so that no test waits for the pace. */
const SIZE_BYTES = 6_000_000;

export async function startClientTarget(environment: Readonly<Record<string, string>> = {}): Promise<ClientTarget> {
  const system = await startSystem(downloadStack({ environment }));
  const bytes = seededBytes(11, SIZE_BYTES);
  await system.put(BUCKET_NAME, `reports/${JAPANESE_NAME}`, bytes, 'application/pdf');
  const url = system.url('/download/{key+}', `reports/${JAPANESE_NAME}`);
  const proxies: FaultProxy[] = [];
  return {
    bytes,
    url,
    faulty: async (fault, times) => {
      const { origin, pathname } = new URL(url);
      const options = { upstream: origin, seed: 20_261_123, share: () => 1, maxFaults: () => times, faults: [fault] };
      const proxy = await startFaultProxy(options);
      proxies.push(proxy);
      return { ...proxy, objectUrl: proxy.url + pathname };
    },
    close: async () => {
      for (const proxy of proxies) await proxy.close();
      await system.close();
    },
  };
}
