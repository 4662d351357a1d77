import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
/** Long enough for a server that is never stopped. */
const VALID_MS = 365 * DAY_MS;

type Keys = Awaited<ReturnType<typeof generateKeys>>;

interface Parts {
  readonly library: typeof x509;
  readonly keys: Keys;
  readonly certificate: x509.X509Certificate;
  /** All leaves have the same. */
  readonly leafKeys: Keys;
}

/** A certificate authority for one run of the server. Its private key exists in this process's memory alone. */
export class CertificateAuthority {
  /** What clients are to trust. */
  readonly certificatePem: string;
  readonly #parts: Parts;
  readonly #contexts = new Map<string, Promise<SecureContext>>();

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.certificatePem = `${parts.certificate.toString('pem')}\n`;
  }

  static async create(): Promise<CertificateAuthority> {
    const [library, keys, leafKeys] = await Promise.all([loadLibrary(), generateKeys(), generateKeys()]);
    const { BasicConstraintsExtension, KeyUsagesExtension, KeyUsageFlags, SubjectKeyIdentifierExtension } = library;
    const certificate = await library.X509CertificateGenerator.createSelfSigned({
      ...validity(),
      name: 'CN=Spillway: AWS hosts of one run, O=Spillway',
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority({ library, keys, certificate, leafKeys });
  }

  /** For a server that is `domain` and every name with one label before it, as AWS's certificates have it. */
  secureContext(domain: string): Promise<SecureContext> {
    const known = this.#contexts.get(domain) ?? this.#newContext(domain);
    this.#contexts.set(domain, known);
    return known;
  }

  async #newContext(domain: string): Promise<SecureContext> {
    const { leafKeys } = this.#parts;
    const leaf = await this.#leaf(domain);
    return createSecureContext({
      key: KeyObject.from(leafKeys.privateKey).export({ format: 'pem', type: 'pkcs8' }),
      cert: leaf.toString('pem'),
    });
  }

  async #leaf(domain: string): Promise<x509.X509Certificate> {
    const { library, keys, certificate, leafKeys } = this.#parts;
    const { AuthorityKeyIdentifierExtension, SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension } = library;
    const {
      BasicConstraintsExtension,
      ExtendedKeyUsage,
      ExtendedKeyUsageExtension,
      KeyUsageFlags,
      KeyUsagesExtension,
    } = library;
    return library.X509CertificateGenerator.create({
      ...validity(),
      subject: `CN=${domain}`,
      issuer: certificate.subject,
      signingAlgorithm: ALGORITHM,
      signingKey: keys.privateKey,
      publicKey: leafKeys.publicKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: domain },
          { type: 'dns', value: `*.${domain}` },
        ]),
        await SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
  }
}

const generateKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

function validity() {
  const now = Date.now();
  return {
    // Positive, and no longer than 20 octets.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    // Clocks differ, in virtual machines too.
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_MS),
  };
}

type Metadata = Record<'getMetadata' | 'getOwnMetadata' | 'defineMetadata', (() => undefined) | undefined>;

/**
 * Loads the library at its first use, which takes about 0.2 s. It puts itself together with decorators that ask Reflect for metadata, which only
 * a polyfill has. It has none that matters, so none is enough while it loads.
 */
async function loadLibrary(): Promise<typeof x509> {
  const reflect = Reflect as unknown as Metadata;
  if (reflect.getMetadata !== undefined) return import('@peculiar/x509');
  const none = () => undefined;
  Object.assign(reflect, { getMetadata: none, getOwnMetadata: none, defineMetadata: none });
  try {
    return await import('@peculiar/x509');
  } finally {
    for (const name of ['getMetadata', 'getOwnMetadata', 'defineMetadata']) Reflect.deleteProperty(reflect, name);
  }
}
