import type { FunctionConfiguration } from '@spillway/wire';

export interface HostVariablesOptions {
  readonly configuration: FunctionConfiguration;
  /** With user and password. */
  readonly proxyUrl: string;
  /** The file to be loaded ahead in every Node.js process. */
  readonly nodeHookPath: string;
  /** As the function finds them. */
  readonly authorityPath: string;
  readonly bundlePath: string;
  /** A copy of a bundle of the function's own with our authority in it. Undefined when it can't be read. */
  readonly bundlePathWith: (path: string) => Promise<string | undefined>;
}

export interface HostVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** For the function's log. */
  readonly notes: readonly string[];
}

/** Who reads them: OpenSSL, Python's ssl, httpx, Go and Ruby; requests; curl; botocore. */
const BUNDLE_VARIABLES = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'AWS_CA_BUNDLE'] as const;

/** The lower-case name alone is wget's. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy'] as const;
const OTHER_PROXY_VARIABLES = ['ALL_PROXY', 'all_proxy'] as const;

/** Never AWS's; with a proxy of their own they would be out of reach. */
const NO_PROXY = 'localhost,127.0.0.1';

/**
 * What leads a function's requests to AWS's hosts to us, by its runtime. Node.js reads no proxy variable, and most of its libraries that do handle
 * a proxy badly: it gets a hook instead, which costs nothing until it is needed.
 */
export async function hostVariables(options: HostVariablesOptions): Promise<HostVariables> {
  const { runtime } = options.configuration;
  if (/^nodejs/.test(runtime)) return { variables: nodeVariables(options), notes: [] };
  const others = await proxyVariables(options);
  if (/^python/.test(runtime)) return others;
  return { ...others, variables: { ...nodeVariables(options), ...others.variables } };
}

function nodeVariables({ configuration, proxyUrl, nodeHookPath, authorityPath }: HostVariablesOptions) {
  const own = configuration.environment['NODE_OPTIONS'];
  return {
    NODE_OPTIONS: [`--require=${quoted(nodeHookPath)}`, own].filter(Boolean).join(' '),
    SPILLWAY_AWS_HOSTS: proxyUrl,
    SPILLWAY_AWS_HOSTS_CA: authorityPath,
  };
}

/** As Node.js reads its options. */
const quoted = (path: string) => (/[\s"\\]/.test(path) ? JSON.stringify(path) : path);

async function proxyVariables(options: HostVariablesOptions): Promise<HostVariables> {
  const own = options.configuration.environment;
  const ownProxy = [...PROXY_VARIABLES, ...OTHER_PROXY_VARIABLES].find((name) => own[name]);
  if (ownProxy !== undefined) return { variables: {}, notes: [steppedAside(ownProxy)] };
  const bundles = await bundleVariables(options);
  if (bundles.unreadable !== undefined) return { variables: {}, notes: [steppedAside(bundles.unreadable)] };
  const noProxy = [own['NO_PROXY'] ?? own['no_proxy'], NO_PROXY].filter(Boolean).join(',');
  return {
    variables: {
      ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, options.proxyUrl])),
      NO_PROXY: noProxy,
      no_proxy: noProxy,
      ...bundles.variables,
    },
    notes: [],
  };
}

async function bundleVariables({ configuration, bundlePath, bundlePathWith }: HostVariablesOptions) {
  const variables: Record<string, string> = {};
  for (const name of BUNDLE_VARIABLES) {
    const own = configuration.environment[name];
    const path = own ? await bundlePathWith(own) : bundlePath;
    if (path === undefined) return { variables, unreadable: name };
    variables[name] = path;
  }
  return { variables };
}

const steppedAside = (name: string) =>
  `${name} is the function's own, so its requests to AWS's hosts of S3 are not answered by local buckets, as far as they follow it.`;
