import type { Problems } from './problems.ts';
import type { Properties } from './properties.ts';

/** What happens to each property of a type: it has effect, it is read without effect, or it is refused, with the reason. */
export interface PropertySupport {
  readonly supported: readonly string[];
  readonly notEnforced: Readonly<Record<string, string>>;
  readonly unsupported: Readonly<Record<string, string>>;
}

/** Notes every property that has no effect here, and refuses the unsupported ones by name. */
export function checkProperties(properties: Properties, support: PropertySupport, problems: Problems): void {
  for (const name of properties.names) {
    if (support.supported.includes(name)) continue;
    const at = properties.at(name);
    const reason = support.notEnforced[name];
    if (reason === undefined) {
      problems.unsupported(at, `${name} of ${properties.label} is not supported: ${refusal(support, name)}.`);
    } else {
      problems.ignore(at, `${name} of ${properties.label}: ${reason}.`);
    }
  }
}

const refusal = ({ unsupported }: PropertySupport, name: string) =>
  unsupported[name] ?? 'Spillway does not know this property';

/** Why resources of a type have no effect here; undefined for those that would. */
export function notEnforcedType(type: string): string | undefined {
  if (type.startsWith('AWS::IAM::')) return 'IAM is not enforced';
  return NOT_ENFORCED_TYPES[type];
}

const NOT_ENFORCED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'logs are kept here without a role',
  'AWS::CDK::Metadata': 'metadata',
  'AWS::Lambda::LayerVersionPermission': 'there is one account',
  'AWS::Logs::LogGroup': 'log groups appear with their first event and never expire',
};

/** Why a type is refused, where there is more to say than that it is not supported. */
export const UNSUPPORTED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::DomainName': 'custom domain names are not served',
  'AWS::ApiGateway::RequestValidator': 'request validation is not emulated',
  'AWS::ApiGateway::UsagePlan': 'usage plans are not emulated; an API key opens its stages without one',
  'AWS::ApiGateway::UsagePlanKey': 'usage plans are not emulated; an API key opens its stages without one',
  'AWS::ApiGateway::VpcLink': 'VPC links are not emulated',
  'AWS::ApiGatewayV2::Api': 'HTTP APIs cannot stream responses; Spillway serves REST APIs',
  'AWS::CloudFormation::Stack': 'nested stacks are not read; give each template with its own --template',
  'AWS::Lambda::Alias': 'versions and aliases are not emulated',
  'AWS::Lambda::Version': 'versions and aliases are not emulated',
  'AWS::Serverless::Application': 'nested applications are not read; give each template with its own --template',
  'AWS::Serverless::HttpApi': 'HTTP APIs cannot stream responses; Spillway serves REST APIs',
};

const SERVED_TYPES: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::ApiKey',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::Serverless::Api',
  'AWS::Serverless::Function',
  'AWS::Serverless::LayerVersion',
]);

export const isServed = (type: string): boolean => SERVED_TYPES.has(type);
