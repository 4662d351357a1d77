import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Local } from '@spillway/local';
import { type Body, bodyOf } from '@spillway/wire';

const MIB = 1_048_576;

/** An object that the demo generates. */
export interface DemoObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly body: () => Body;
}

/** Past every cap of a buffered response. */
export const LARGE_OBJECT: DemoObject = {
  key: 'videos/sample-64MiB.bin',
  sizeBytes: 64 * MIB,
  contentType: 'application/octet-stream',
  body: () => noise(64 * MIB),
};

const PDF = pdf('Spillway');

/** Small enough for a buffered response; its name is Japanese: "invoice, November 2026". */
export const SMALL_OBJECT: DemoObject = {
  key: 'reports/請求書 2026年11月.pdf',
  sizeBytes: PDF.byteLength,
  contentType: 'application/pdf',
  body: () => bodyOf(PDF),
};

/** Puts the demo's objects into the bucket of every stack, but for those that a state directory has kept. */
export async function seedDemo(local: Local): Promise<void> {
  const bucketNames = local.stacks.flatMap(({ buckets }) => buckets.map(({ bucketName }) => bucketName));
  await Promise.all([LARGE_OBJECT, SMALL_OBJECT].map((object) => seed(local, bucketNames, object)));
}

/** The first bucket gets it stored, the others share it. */
async function seed(local: Local, [first, ...others]: readonly string[], object: DemoObject): Promise<void> {
  if (first === undefined) return;
  const { key, body, contentType } = object;
  if (!(await isStored(local, first, object))) {
    await local.putObject({ bucketName: first, key, contentType, body: body() });
  }
  await Promise.all(
    others.map(async (bucketName) => {
      if (!(await isStored(local, bucketName, object))) await local.copyObject(key, first, bucketName);
    }),
  );
}

async function isStored(local: Local, bucketName: string, { key, sizeBytes }: DemoObject): Promise<boolean> {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return (await storedBytes(`${local.url}/${bucketName}/${path}`)) === sizeBytes;
}

/** Size of an object of a public bucket; undefined when there is none. */
async function storedBytes(url: string): Promise<number | undefined> {
  const call = request(url, { method: 'HEAD', agent: false }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode === 200 ? Number(response.headers['content-length']) : undefined;
}

/** Bytes that look random and are the same each time: the key stream of AES-256-CTR, key and counter zero. */
async function* noise(sizeBytes: number): Body {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16));
  const zeros = Buffer.alloc(MIB);
  for (let doneBytes = 0; doneBytes < sizeBytes; doneBytes += zeros.byteLength) yield cipher.update(zeros);
}

/** A PDF of one page that says `text`. */
function pdf(text: string): Uint8Array {
  const content = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return new TextEncoder().encode(file);
}
