import { AwsError, type Body } from '@spillway/wire';
import type { Bucket } from './bucket.ts';
import type { StoredObject } from './stored-object.ts';

/** The bytes of an object for this process's own use, whoever may read it. @throws AwsError `NoSuchKey`, now or at the first byte. */
export function readObjectHere(bucket: Bucket, key: string): Body {
  find(bucket, key);
  return read(bucket, key);
}

async function* read(bucket: Bucket, key: string): AsyncGenerator<Uint8Array, void, undefined> {
  const object = find(bucket, key);
  const { body, close } = await bucket.open(object, { start: 0, end: object.sizeBytes - 1 });
  try {
    yield* body;
  } finally {
    await close();
  }
}

function find(bucket: Bucket, key: string): StoredObject {
  const object = bucket.get(key);
  if (object === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  return object;
}
