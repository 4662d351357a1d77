import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Local } from '@spillway/local';
import { type Body, bodyOf, UsageError } from '@spillway/wire';

/** What `spillway start` serves when it is given no template. */
export const DEMO_TEMPLATE: string = fileURLToPath(
  new URL('../../../examples/node-download/template.yaml', import.meta.url),
);

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

/** Puts the demo's objects into its bucket, but for those that a state directory has kept. */
export async function seedDemo(local: Local): Promise<void> {
  const bucketName = local.stacks[0]?.buckets[0]?.bucketName;
  if (bucketName === undefined) throw new UsageError(`The demo's template ${DEMO_TEMPLATE} has no bucket any more.`);
  await Promise.all([LARGE_OBJECT, SMALL_OBJECT].map((object) => seed(local, bucketName, object)));
}

async function seed(
  local: Local,
  bucketName: string,
  { key, sizeBytes, contentType, body }: DemoObject,
): Promise<void> {
  if (
    (await storedBytes(`${local.url}/${bucketName}/${key.split('/').map(encodeURIComponent).join('/')}`)) === sizeBytes
  )
    return;
  await local.putObject({ bucketName, key, contentType, body: body() });
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
