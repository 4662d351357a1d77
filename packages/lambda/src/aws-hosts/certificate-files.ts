import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

/** Where systems keep the certificates that they trust: Debian, Fedora, openSUSE, OpenELEC, RHEL 7, Alpine and macOS. As Go looks for them. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Certificates in files below one directory, for processes that may read it. */
export class CertificateFiles {
  readonly #directory: string;
  readonly #certificatePem: string;
  readonly #written = new Map<string, Promise<string>>();

  /** `certificatePem`: of the authority to be trusted besides all others. */
  constructor(directory: string, certificatePem: string) {
    this.#directory = directory;
    this.#certificatePem = certificatePem;
  }

  /** The authority alone. The name of a file. */
  authority(): Promise<string> {
    return this.#file('ca.pem', async () => this.#certificatePem);
  }

  /** All that this system trusts, or Node.js where it has no such list, and the authority. The name of a file. */
  bundle(): Promise<string> {
    return this.#file('ca-bundle.pem', async () => `${await systemCertificates()}\n${this.#certificatePem}`);
  }

  /** What the file at `path` holds, and the authority. The name of a file. Undefined when it can't be read. */
  async bundleWith(path: string): Promise<string | undefined> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const name = `ca-bundle-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.pem`;
    return this.#file(name, async () => `${text}\n${this.#certificatePem}`);
  }

  #file(name: string, text: () => Promise<string>): Promise<string> {
    const write = async () => {
      await writeFile(join(this.#directory, name), await text());
      return name;
    };
    const written = this.#written.get(name) ?? write();
    this.#written.set(name, written);
    // A disk that was full may have room the next time.
    written.catch(() => this.#written.delete(name));
    return written;
  }
}

async function systemCertificates(): Promise<string> {
  for (const path of SYSTEM_FILES) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.includes('BEGIN CERTIFICATE')) return text;
  }
  return rootCertificates.join('\n');
}
