import { ACCOUNT_ID, functionArn, functionUrlId, stableId } from '@spillway/wire';
import { resolve, type Scope } from './intrinsic-functions.ts';
import { type Position, scalarNode, type TemplateNode, textOf, unresolved } from './template-node.ts';
import type { TemplateResource } from './template-resource.ts';

/** Whose resources they are. */
interface StackIdentity {
  readonly stackName: string;
  readonly region: string;
}

/** A resource as `Ref` and `Fn::GetAtt` see it. `name` is its physical name, or its generated id. */
interface Referable {
  /** The property that names it; without one the logical ID does. */
  readonly nameProperty?: string;
  /** The property whose value, after a colon, belongs to the name. */
  readonly qualifierProperty?: string;
  /** Makes a name of a logical ID that is none as it stands. */
  readonly nameOfId?: (logicalId: string) => string;
  readonly ref: (name: string, stack: StackIdentity, logicalId: string) => string;
  readonly attributes: Readonly<Record<string, (name: string, stack: StackIdentity, logicalId: string) => string>>;
}

/** The same API gets the same id at every start. */
export const restApiId = (stackName: string, logicalId: string): string => stableId(`${stackName}/${logicalId}`);

/** Six of `[a-z0-9]`, as on AWS. */
export const resourceId = (seed: string): string => stableId(seed).slice(0, 6);

/** Of the resource `/`. */
export const rootResourceId = (apiId: string): string => resourceId(`${apiId}/`);

/** Each start makes version 1. */
export const layerVersionArn = (region: string, layerName: string): string =>
  `arn:aws:lambda:${region}:${ACCOUNT_ID}:layer:${layerName}:1`;

/** The logical ID, as far as it is a bucket's name: 3 to 63 characters. */
export const bucketName = (logicalId: string): string =>
  logicalId.length < 3 ? `${logicalId.toLowerCase()}-bucket` : shortened(logicalId, 63).toLowerCase();

/** The logical ID, as far as it is a function's name: up to 64 characters. */
export const functionName = (logicalId: string): string => shortened(logicalId, 64);

/** Tools make logical IDs of up to 255 characters, some of which differ at their end only. */
const shortened = (logicalId: string, length: number) =>
  logicalId.length <= length ? logicalId : `${logicalId.slice(0, length - 11)}-${stableId(logicalId)}`;

const byName = (name: string) => name;
const arn = (service: string, resource: (name: string) => string) => (name: string) =>
  `arn:aws:${service}::${resource(name)}`;
const iamArn = (kind: string) => arn('iam', (name) => `${ACCOUNT_ID}:${kind}/${name}`);

const lambdaFunction: Referable = {
  nameProperty: 'FunctionName',
  nameOfId: functionName,
  ref: byName,
  attributes: { Arn: (name, { region }) => functionArn(region, name) },
};

const layerVersion: Referable = {
  nameProperty: 'LayerName',
  ref: (name, { region }) => layerVersionArn(region, name),
  attributes: {
    Arn: (name, { region }) => layerVersionArn(region, name),
    LayerVersionArn: (name, { region }) => layerVersionArn(region, name),
  },
};

/** The name of its function, with its alias if there is one. */
const functionOf = (target: string) => target.replace(/^.*:function:/, '');

const lambdaUrl: Referable = {
  nameProperty: 'TargetFunctionArn',
  qualifierProperty: 'Qualifier',
  ref: (target, { region }) => functionArn(region, functionOf(target)),
  attributes: {
    FunctionArn: (target, { region }) => functionArn(region, functionOf(target)),
    FunctionUrl: (target, { region }) => {
      const [name = '', qualifier] = functionOf(target).split(':');
      return `https://${functionUrlId(name, qualifier)}.lambda-url.${region}.on.aws/`;
    },
  },
};

const restApi: Referable = {
  ref: (_name, { stackName }, logicalId) => restApiId(stackName, logicalId),
  attributes: {
    RestApiId: (_name, { stackName }, logicalId) => restApiId(stackName, logicalId),
    RootResourceId: (_name, { stackName }, logicalId) => rootResourceId(restApiId(stackName, logicalId)),
  },
};

const generatedId = (_name: string, { stackName }: StackIdentity, logicalId: string) =>
  resourceId(`${stackName}/${logicalId}`);

/** By type. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html */
const REFERABLES: Readonly<Record<string, Referable>> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Serverless::Function': lambdaFunction,
  'AWS::Lambda::LayerVersion': layerVersion,
  'AWS::Lambda::Url': lambdaUrl,
  'AWS::Serverless::LayerVersion': layerVersion,
  'AWS::ApiGateway::RestApi': restApi,
  'AWS::Serverless::Api': {
    ...restApi,
    attributes: { ...restApi.attributes, Deployment: generatedId },
  },
  'AWS::ApiGateway::Resource': { ref: generatedId, attributes: { ResourceId: generatedId } },
  'AWS::ApiGateway::ApiKey': { ref: generatedId, attributes: { APIKeyId: generatedId } },
  'AWS::ApiGateway::Authorizer': { ref: generatedId, attributes: { AuthorizerId: generatedId } },
  'AWS::ApiGateway::GatewayResponse': { ref: generatedId, attributes: { Id: generatedId } },
  'AWS::ApiGateway::Deployment': { ref: generatedId, attributes: { DeploymentId: generatedId } },
  'AWS::ApiGateway::Stage': { nameProperty: 'StageName', ref: byName, attributes: {} },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    nameOfId: bucketName,
    ref: byName,
    attributes: {
      Arn: arn('s3:', byName),
      DomainName: (name) => `${name}.s3.amazonaws.com`,
      RegionalDomainName: (name, { region }) => `${name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: (name, { region }) => `${name}.s3.dualstack.${region}.amazonaws.com`,
    },
  },
  'AWS::IAM::Role': { nameProperty: 'RoleName', ref: byName, attributes: { Arn: iamArn('role'), RoleId: byName } },
  'AWS::IAM::User': { nameProperty: 'UserName', ref: byName, attributes: { Arn: iamArn('user') } },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    ref: iamArn('policy'),
    attributes: { PolicyArn: iamArn('policy') },
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    ref: byName,
    attributes: { Arn: (name, { region }) => `arn:aws:logs:${region}:${ACCOUNT_ID}:log-group:${name}:*` },
  },
};

/** What `Ref` gives for types of which nothing but the name matters. */
const NAME_ONLY: Referable = { ref: byName, attributes: {} };

export interface ReferenceOptions extends StackIdentity {
  readonly parameters: ReadonlyMap<string, TemplateNode>;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Logical IDs left out because of a condition, and that condition. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** Logical IDs that are known but not served; reported where they stand. */
  readonly unserved: ReadonlySet<string>;
}

/** Resolves `Ref` and `Fn::GetAtt`. */
export class References {
  readonly #options: ReferenceOptions;
  /** Logical IDs whose names are being resolved. */
  readonly #open = new Set<string>();

  constructor(options: ReferenceOptions) {
    this.#options = options;
  }

  ref(name: string, at: Position, scope: Scope): TemplateNode | undefined {
    if (name === 'AWS::NoValue') return undefined;
    const pseudo = this.#pseudoParameter(name);
    if (pseudo !== undefined) return scalarNode(at, pseudo);
    if (name.startsWith('AWS::')) return missing(scope, at, `The pseudo parameter ${name} is not supported.`);
    const parameter = this.#options.parameters.get(name);
    if (parameter !== undefined) return moved(parameter, at);
    const stageOf = /^(.+)\.Stage$/.exec(name)?.[1];
    if (stageOf !== undefined) return this.getAtt(stageOf, 'Stage', at, scope);
    const resource = this.#options.resources.get(name);
    if (resource === undefined) return this.#unknown(name, at, scope);
    const referable = REFERABLES[resource.type] ?? NAME_ONLY;
    const physicalName = this.#nameOf(resource, referable, scope, at);
    return physicalName === undefined
      ? unresolved(at)
      : scalarNode(at, referable.ref(physicalName, this.#options, name));
  }

  getAtt(logicalId: string, attribute: string, at: Position, scope: Scope): TemplateNode {
    const resource = this.#options.resources.get(logicalId);
    if (resource === undefined) return this.#unknown(logicalId, at, scope);
    if (resource.type === 'AWS::Serverless::Api' && attribute === 'Stage') return this.#stageName(resource, at, scope);
    const referable = REFERABLES[resource.type] ?? NAME_ONLY;
    if (referable === NAME_ONLY && this.#options.unserved.has(logicalId)) {
      return scalarNode(at, `${logicalId}.${attribute}`);
    }
    const value = referable.attributes[attribute];
    if (value === undefined)
      return missing(scope, at, `${logicalId} (${resource.type}) has no attribute ${attribute} that Spillway knows.`);
    const name = this.#nameOf(resource, referable, scope, at);
    return name === undefined ? unresolved(at) : scalarNode(at, value(name, this.#options, logicalId));
  }

  #pseudoParameter(name: string): string | undefined {
    const { region, stackName } = this.#options;
    const values: Record<string, string> = {
      'AWS::AccountId': ACCOUNT_ID,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackName': stackName,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${ACCOUNT_ID}:stack/${stackName}/${stableId(stackName)}`,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    return values[name];
  }

  #stageName(resource: TemplateResource, at: Position, scope: Scope): TemplateNode {
    const entry = resource.properties.get('StageName');
    const name = entry === undefined ? undefined : textOf(resolve(entry.value, scope));
    return name === undefined ? unresolved(at) : scalarNode(at, name);
  }

  #nameOf(resource: TemplateResource, referable: Referable, scope: Scope, at: Position): string | undefined {
    const { logicalId } = resource;
    const entry = referable.nameProperty === undefined ? undefined : resource.properties.get(referable.nameProperty);
    const unnamed = referable.nameOfId?.(logicalId) ?? logicalId;
    if (entry === undefined) return unnamed;
    if (this.#open.has(logicalId)) {
      scope.problems.error(at, `The name of ${logicalId} refers to itself.`);
      return undefined;
    }
    this.#open.add(logicalId);
    const node = resolve(entry.value, scope);
    this.#open.delete(logicalId);
    const name = node === undefined ? unnamed : textOf(node);
    const qualifier = textOf(this.#property(resource, referable.qualifierProperty, scope));
    return qualifier === undefined || name === undefined ? name : `${name}:${qualifier}`;
  }

  #property(resource: TemplateResource, name: string | undefined, scope: Scope): TemplateNode | undefined {
    const entry = name === undefined ? undefined : resource.properties.get(name);
    return entry && resolve(entry.value, scope);
  }

  #unknown(name: string, at: Position, scope: Scope): TemplateNode {
    const condition = this.#options.leftOut.get(name);
    if (condition === undefined)
      return missing(scope, at, `${name} is neither a resource nor a parameter of this template.`);
    return missing(scope, at, `${name} is not created, since its condition ${condition} is false.`);
  }
}

function missing(scope: Scope, at: Position, message: string): TemplateNode {
  scope.problems.error(at, message);
  return unresolved(at);
}

/** A parameter's value at the place that refers to it. */
const moved = (node: TemplateNode, at: Position): TemplateNode => ({ ...node, at });
