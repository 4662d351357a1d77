import { AwsError } from '@spillway/wire';
import { CODE_REQUEST_BYTES, withCode } from './code-input.ts';
import { Constraints } from './constraints.ts';
import { apiTime } from './function-document.ts';
import { type Input, queryInteger, structure, text, texts } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import type { LayerReference, LayerVersionDocument } from './layer-versions.ts';
import { paged } from './paging.ts';

const LAYERS = '/2018-10-31/layers';
const VERSIONS = `${LAYERS}/{LayerName}/versions`;
const VERSION = `${VERSIONS}/{VersionNumber}`;

export const layerOperations: readonly LambdaOperation[] = [
  jsonOperation('PublishLayerVersion', {
    at: `POST ${VERSIONS}`,
    status: 201,
    limitBytes: CODE_REQUEST_BYTES,
    run: publishLayerVersion,
  }),
  jsonOperation('ListLayerVersions', { at: `GET ${VERSIONS}`, status: 200, run: listLayerVersions }),
  jsonOperation('GetLayerVersion', {
    at: `GET ${VERSION}`,
    status: 200,
    run: (context, call) => layerVersion(context, layerReference(context, call)),
  }),
  jsonOperation('DeleteLayerVersion', { at: `DELETE ${VERSION}`, status: 204, run: deleteLayerVersion }),
  // GetLayerVersionByArn is told from ListLayers by its query alone.
  jsonOperation('ListLayers', {
    at: `GET ${LAYERS}`,
    status: 200,
    run: (context, call) =>
      call.query['find'] === 'LayerVersion' ? layerVersionByArn(context, call) : listLayers(context, call),
  }),
];

async function publishLayerVersion(context: LambdaContext, call: JsonCall): Promise<object> {
  const { input } = call;
  const name = layerName(context, call);
  const described = description(input);
  return withCode(context, structure(input, 'Content') ?? {}, async (code) => {
    const content = { ...described, createdDate: apiTime(), code };
    const version = await context.layers.publish(name, content);
    return versionAnswer(context, name, version);
  });
}

function description(input: Input): Partial<LayerVersionDocument> {
  const text256 = text(input, 'Description');
  const licenseInfo = text(input, 'LicenseInfo');
  const compatibleRuntimes = texts(input, 'CompatibleRuntimes');
  const compatibleArchitectures = texts(input, 'CompatibleArchitectures');
  const constraints = new Constraints()
    .required('content', input['Content'])
    .length('description', text256, 256)
    .length('licenseInfo', licenseInfo, 512)
    .length('compatibleRuntimes', compatibleRuntimes, 15)
    .length('compatibleArchitectures', compatibleArchitectures, 2);
  for (const each of compatibleArchitectures ?? []) {
    constraints.oneOf('compatibleArchitectures', each, ['x86_64', 'arm64']);
  }
  constraints.hold();
  return {
    ...(text256 !== undefined && { description: text256 }),
    ...(licenseInfo !== undefined && { licenseInfo }),
    ...(compatibleRuntimes !== undefined && { compatibleRuntimes }),
    ...(compatibleArchitectures !== undefined && { compatibleArchitectures }),
  };
}

function layerVersionByArn(context: LambdaContext, { query }: JsonCall): object {
  return layerVersion(context, context.layers.parseArn(query['Arn'] ?? ''));
}

function layerVersion(context: LambdaContext, reference: LayerReference): object {
  const found = context.layers.find(reference);
  if (found === undefined) {
    throw new AwsError('ResourceNotFoundException', { message: 'The resource you requested does not exist.' });
  }
  return versionAnswer(context, reference.name, found);
}

async function deleteLayerVersion(context: LambdaContext, call: JsonCall): Promise<undefined> {
  await context.layers.delete(layerReference(context, call));
  context.functions.sweepCode();
}

function listLayerVersions(context: LambdaContext, call: JsonCall): object {
  const name = layerName(context, call);
  const listed = context.layers.versions(name).filter((version) => isCompatible(version, call));
  const { items, members } = paged(listed, call.query, ({ version }) => String(version), 50);
  return { ...members, LayerVersions: items.map((version) => listedVersion(context, name, version)) };
}

function listLayers(context: LambdaContext, call: JsonCall): object {
  const listed = [...context.layers.names()].sort().flatMap((name) => {
    const latest = context.layers.versions(name).find((version) => isCompatible(version, call));
    return latest === undefined ? [] : [{ name, latest }];
  });
  const { items, members } = paged(listed, call.query, ({ name }) => name, 50);
  const Layers = items.map(({ name, latest }) => ({
    LayerName: name,
    LayerArn: context.layers.layerArn(name),
    LatestMatchingVersion: listedVersion(context, name, latest),
  }));
  return { ...members, Layers };
}

function isCompatible(version: LayerVersionDocument, { query }: JsonCall): boolean {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = query;
  const { compatibleRuntimes = [], compatibleArchitectures = [] } = version;
  return (
    (!runtime || compatibleRuntimes.includes(runtime)) &&
    (!architecture || compatibleArchitectures.includes(architecture))
  );
}

function layerReference(context: LambdaContext, call: JsonCall): LayerReference {
  const version = queryInteger(call.parameters['VersionNumber'], 'VersionNumber') ?? 0;
  if (version < 1) {
    throw new AwsError('InvalidParameterValueException', { message: 'Layer Version Cannot be less than 1' });
  }
  return { name: layerName(context, call), version };
}

/** A name, or the ARN of a layer. @throws AwsError `ValidationException`, `InvalidParameterValueException`. */
function layerName({ layers }: LambdaContext, { parameters }: JsonCall): string {
  const { LayerName: given = '' } = parameters;
  if (given.startsWith('arn:')) return layers.parseArn(`${given}:1`).name;
  const pattern = '(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+';
  new Constraints().pattern('layerName', given, pattern).length('layerName', given, 140, 1).hold();
  return given;
}

const versionAnswer = (context: LambdaContext, name: string, version: LayerVersionDocument): object => ({
  Content: {
    Location: context.locations.ofCode(version.code),
    CodeSha256: version.code.sha256,
    CodeSize: version.code.sizeBytes,
  },
  LayerArn: context.layers.layerArn(name),
  ...listedVersion(context, name, version),
});

function listedVersion({ layers }: LambdaContext, name: string, document: LayerVersionDocument): object {
  const { version, description: text256 = '', createdDate, licenseInfo } = document;
  const { compatibleRuntimes, compatibleArchitectures } = document;
  return {
    LayerVersionArn: `${layers.layerArn(name)}:${version}`,
    Description: text256,
    CreatedDate: createdDate,
    Version: version,
    ...(compatibleRuntimes !== undefined && { CompatibleRuntimes: compatibleRuntimes }),
    ...(licenseInfo !== undefined && { LicenseInfo: licenseInfo }),
    ...(compatibleArchitectures !== undefined && { CompatibleArchitectures: compatibleArchitectures }),
  };
}
