// AWS's own S3 hosts, as an execution environment sees them: a function with `https://my-bucket.s3.us-east-1.amazonaws.com/key` in its code runs as
// it is, and finds the local bucket of that name.
//
// Same as AWS: virtual-hosted and path-style addresses, with a Region, dual-stack or neither; TLS that the function's own verification accepts,
// by certificates for the names that AWS's are made for (a bucket name with dots does not fit them there either). A bucket that is not
// here is AWS's: a connection to it is carried there unread, and fails as it would.
// Means: nothing of the machine is touched. A certificate authority of this run, whose key is in memory; an HTTPS proxy on loopback, for environments
// alone; the variables by which Python, Go, Ruby, curl and others find both; for Node.js, which reads none, a hook loaded ahead by NODE_OPTIONS.
// On purpose: only functions get this whose code, layers or variables hold such a name; `s3.REGION.amazonaws.com/bucket` is read here to know the
// bucket, and sent on to AWS if it is not ours (when AWS can't be reached, the connection breaks); any Region's name leads to the one
// local store; extensions are left alone.
// Missing: names put together from pieces that the code does not hold; http:// addresses; S3's other hosts (website, accelerate, access points);
// programs that heed no proxy variable or no SSL_CERT_FILE: Java, .NET, Python's http.client and aiohttp without trust_env.
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { LOOPBACK_ADDRESS, sendBytes } from '@spillway/http';
import type { FunctionConfiguration } from '@spillway/wire';
import type { Place } from '../sandbox/place.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { CertificateFiles } from './certificate-files.ts';
import { Guests } from './guests.ts';
import { type HostVariables, hostVariables } from './host-variables.ts';
import { type HostRequest, HostsListener } from './hosts-listener.ts';
import { passOn } from './pass-on.ts';
import { type S3Host, s3Host } from './s3-host.ts';

/** The store behind AWS's S3 hosts. */
export interface AwsHostsOptions {
  hasBucket(bucketName: string): boolean;
  /** Answers a request whose Host is one of AWS's. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The file that Node.js processes of functions load ahead. */
  readonly nodeHookPath: string;
}

export interface Admission {
  readonly configuration: FunctionConfiguration;
  readonly place: Place;
  /** On this host. */
  readonly taskRoot: string;
  readonly optDirectory: string;
  /** Puts a line into the environment's log. */
  readonly note: (text: string) => void;
}

/** An execution environment's way to the hosts. */
export interface AdmittedEnvironment extends HostVariables {
  leave(): void;
}

interface Opened {
  readonly authority: CertificateAuthority;
  readonly files: CertificateFiles;
  readonly listener: HostsListener;
}

const USER = 'spillway';

export class AwsHosts {
  readonly #options: AwsHostsOptions;
  readonly #sharedDirectory: string;
  readonly #guests = new Guests();
  #opened: Promise<Opened> | undefined;

  /** `sharedDirectory`: files that every environment may read are written there. */
  constructor(options: AwsHostsOptions, sharedDirectory: string) {
    this.#options = options;
    this.#sharedDirectory = sharedDirectory;
  }

  /** Makes what the first environment would wait for. Never rejects. */
  async prepare(): Promise<void> {
    await this.#open().catch(() => {});
  }

  async admit(admission: Admission): Promise<AdmittedEnvironment> {
    const { files, listener } = await this.#open();
    const { configuration, place, note } = admission;
    const { functionName } = configuration;
    const guest = this.#guests.admit({ functionName, note });
    const inside = (name: string) => join(place.sharedDirectory ?? this.#sharedDirectory, name);
    const found = await hostVariables({
      configuration,
      proxyUrl: `http://${USER}:${guest.credential}@${LOOPBACK_ADDRESS}:${listener.port}`,
      nodeHookPath: this.#options.nodeHookPath,
      authorityPath: inside(await files.authority()),
      bundlePath: inside(await files.bundle()),
      bundlePathWith: async (path) => {
        const name = await files.bundleWith(onHost(path, admission));
        return name === undefined ? undefined : inside(name);
      },
    });
    return { ...found, leave: () => this.#guests.remove(guest) };
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.listener.close();
  }

  #open(): Promise<Opened> {
    const opened = this.#opened ?? this.#start();
    this.#opened = opened;
    return opened;
  }

  async #start(): Promise<Opened> {
    await mkdir(this.#sharedDirectory, { recursive: true });
    const authority = await CertificateAuthority.create();
    const listener = await HostsListener.open({
      guests: this.#guests,
      isOurs: (host) => this.#isOurs(host),
      secureContext: (domain) => authority.secureContext(domain),
      handle: (request) => this.#handle(request),
    });
    return { authority, files: new CertificateFiles(this.#sharedDirectory, authority.certificatePem), listener };
  }

  /** Where the path names the bucket, the request has to be read. */
  #isOurs({ bucketName }: S3Host): boolean {
    return bucketName === undefined || this.#options.hasBucket(bucketName);
  }

  async #handle(hostRequest: HostRequest): Promise<void> {
    const { guest, request, response } = hostRequest;
    const hostName = (request.headers.host ?? '').replace(/:443$/, '');
    const host = s3Host(hostName);
    if (host === undefined) {
      await sendBytes(response, 421, [['Content-Type', 'text/plain']], Buffer.from('No host of Amazon S3.\n'));
      return;
    }
    breakWhenCut(hostRequest);
    const bucketName = host.bucketName ?? bucketInPath(request);
    if (bucketName === undefined || !this.#options.hasBucket(bucketName)) return this.#passOn(hostName, hostRequest);
    const url = `https://${hostName}/${host.bucketName === undefined ? `${bucketName}/` : ''}`;
    const text = `${url} is answered by the local bucket ${bucketName}. --aws-hosts off sends requests to AWS.`;
    this.#guests.noteOnce(guest, url, text);
    await this.#options.handle(request, response);
  }

  async #passOn(hostName: string, { guest, request, response }: HostRequest): Promise<void> {
    try {
      await passOn(hostName, request, response);
    } catch (error) {
      const url = `https://${hostName}/${bucketInPath(request) ?? ''}`;
      const text = `${url} is no local bucket's, and went on to AWS, which failed: ${(error as Error).message}`;
      this.#guests.noteOnce(guest, url, text);
      response.destroy();
    }
  }
}

/** Where on this host a function's file is. */
function onHost(path: string, { place, taskRoot, optDirectory }: Admission): string {
  if (!place.isSandbox) return path;
  return path.replace(/^\/var\/task(?=\/)/, taskRoot).replace(/^\/opt(?=\/)/, optDirectory);
}

function bucketInPath({ url = '' }: IncomingMessage): string | undefined {
  const [, bucketName] = /^\/([^/?#]+)/.exec(url) ?? [];
  return bucketName;
}

/** TLS says when it ends well, but many clients take the end of a connection alone for as good. A reset nobody does. */
function breakWhenCut({ response, reset }: HostRequest): void {
  const destroy = response.destroy.bind(response);
  response.destroy = (error) => {
    if (!response.writableFinished) reset();
    return destroy(error);
  };
}
