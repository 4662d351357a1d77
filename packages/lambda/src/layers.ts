import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, mkdtemp, readdir, readlink, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError, type FunctionConfiguration, type Layer, UsageError } from '@spillway/wire';
import { CodeWatch } from './code-watch.ts';
import { unzip } from './unzip.ts';

/** How many layers a function may have. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_LAYERS = 5;

export interface LayersOptions {
  readonly configuration: FunctionConfiguration;
  /** The merged directory and unpacked zips are made below. */
  readonly directory: string;
  /** A directory or a zip that is used for the public layer of the web adapter. Undefined: there is none. */
  readonly webAdapterLayer: string | undefined;
}

/** @throws AwsError `InvalidParameterValueException` for more than five. */
export function checkLayerCount(count: number): void {
  if (count <= MAX_LAYERS) return;
  throw new AwsError('InvalidParameterValueException', {
    message: `Cannot reference more than ${MAX_LAYERS} layers.`,
  });
}

/**
 * Merges a function's layers in their order into a new directory, mode bits too; of two files with one name the later stays.
 * @throws UsageError when a layer is not there or can't be read.
 */
export async function mergeLayers({ configuration, directory, webAdapterLayer }: LayersOptions): Promise<string> {
  await mkdir(directory, { recursive: true });
  const target = await mkdtemp(join(directory, 'opt-'));
  for (const layer of configuration.layers) {
    const path = layerPath(layer, configuration, webAdapterLayer);
    await mergeLayer(path, target, directory).catch((error: unknown) => {
      throw unreadable(configuration, layer, path, error);
    });
  }
  return target;
}

/** Where a layer is on this machine. */
function layerPath(layer: Layer, { functionName }: FunctionConfiguration, webAdapterLayer: string | undefined): string {
  if (layer.kind !== 'web-adapter') return layer.path;
  if (webAdapterLayer !== undefined) return webAdapterLayer;
  throw new UsageError(
    `Function ${functionName}: there is nothing here to use for the layer ${layer.arn}. Give the web adapter's layer, a directory or a zip.`,
  );
}

async function mergeLayer(path: string, target: string, directory: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return merge(path, target);
  const unpacked = await mkdtemp(join(directory, 'layer-'));
  try {
    await unzip(path, unpacked);
    await merge(unpacked, target);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function merge(source: string, target: string): Promise<void> {
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) {
      await mergeDirectory(from, to);
    } else if (entry.isSymbolicLink()) {
      await rm(to, { recursive: true, force: true });
      await symlink(await readlink(from), to);
    } else if (entry.isFile()) {
      await rm(to, { recursive: true, force: true });
      await copyFile(from, to, constants.COPYFILE_FICLONE);
    }
  }
}

/** Never through a link of an earlier layer. */
async function mergeDirectory(from: string, to: string): Promise<void> {
  const made = await mkdir(to).then(
    () => true,
    () => false,
  );
  if (!made && !(await isDirectory(to))) {
    await rm(to, { force: true });
    await mkdir(to);
  }
  await merge(from, to);
}

const isDirectory = async (path: string) => (await lstat(path)).isDirectory();

function unreadable({ functionName }: FunctionConfiguration, layer: Layer, path: string, error: unknown): unknown {
  if (error instanceof UsageError) return error;
  const name = layer.kind === 'web-adapter' ? layer.arn : layer.name;
  return new UsageError(
    `Function ${functionName}: its layer ${name}, ${path}, cannot be read: ${(error as Error).message}. Build it, or correct its path.`,
    { cause: error },
  );
}

export interface DeployedLayers {
  /** The merged layers of the next environment. */
  readonly optDirectory: string;
  /** Takes what was written before this call. @throws UsageError when a layer can't be read any more. */
  refresh(): Promise<void>;
  /** Removes what was merged. */
  close(): Promise<void>;
}

/** Merges a function's layers, and again whenever one of them has changed. @throws UsageError as `mergeLayers` does. */
export async function deployLayers(
  options: LayersOptions & { readonly ignoredPaths: readonly string[]; readonly onChange: () => void },
): Promise<DeployedLayers> {
  const { configuration, webAdapterLayer, ignoredPaths, onChange } = options;
  let optDirectory = await mergeLayers(options);
  let merging: Promise<void> = Promise.resolve();
  const merge = async () => {
    optDirectory = await mergeLayers(options);
    onChange();
  };
  // One after the other: what was merged last is what counts.
  const mergeAgain = () => {
    merging = merging.catch(() => {}).then(merge);
    return merging;
  };
  const open = (path: string) => CodeWatch.open({ path, ignoredPaths, onChange: mergeAgain });
  const changing = configuration.layers.filter((layer) => layer.kind === 'web-adapter' || !layer.isImmutable);
  const paths = changing.map((layer) => layerPath(layer, configuration, webAdapterLayer));
  const watches = await Promise.all([...new Set(paths)].map(open));
  return {
    get optDirectory() {
      return optDirectory;
    },
    refresh: async () => {
      await Promise.all(watches.map((watch) => watch.refresh()));
    },
    close: async () => {
      for (const watch of watches) watch.close();
      await merging.catch(() => {});
      await rm(optDirectory, { recursive: true, force: true });
    },
  };
}
