import { CredentialStore } from '@spillway/http';
import type { LocalOptions } from './local-options.ts';

/** Whose signatures count from the start. */
export function knownCredentials({ credentials = [], hostCredentials = {} }: LocalOptions): CredentialStore {
  const store = new CredentialStore();
  store.add({ accessKeyId: 'test', secretAccessKey: 'test' });
  for (const known of credentials) store.add(known);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = hostCredentials;
  const { AWS_SESSION_TOKEN: sessionToken } = hostCredentials;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    store.add({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) });
  }
  return store;
}
