import { AwsError } from '@spillway/wire';
import { type Input, structure, text } from './input-members.ts';

/** Whether a member asks for something. SDKs and Terraform send empty ones for "nothing". */
type Asks = (value: unknown) => boolean;

const any: Asks = (value) => value !== undefined;
const notEmpty: Asks = (value) =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(notEmpty)
    : value !== undefined && value !== '' && value !== false && value !== null;

const SETTINGS: Readonly<Record<string, Asks>> = {
  CapacityProviderConfig: any,
  CodeSigningConfigArn: notEmpty,
  DeadLetterConfig: notEmpty,
  DurableConfig: any,
  FileSystemConfigs: notEmpty,
  ImageConfig: notEmpty,
  KMSKeyArn: notEmpty,
  PublishTo: any,
  SourceKMSKeyArn: notEmpty,
  TenancyConfig: any,
  VpcConfig: notEmpty,
};

/** @throws AwsError `InvalidParameterValueException` naming a setting that would have no effect here. */
export function refuseUnsupportedSettings(input: Input): void {
  for (const [name, asks] of Object.entries(SETTINGS)) {
    if (asks(input[name])) throw unsupported(name);
  }
  const tracing = structure(input, 'TracingConfig');
  if (tracing && text(tracing, 'Mode') === 'Active') throw unsupported('TracingConfig.Mode Active');
  const snapStart = structure(input, 'SnapStart');
  if (snapStart && (text(snapStart, 'ApplyOn') ?? 'None') !== 'None') throw unsupported('SnapStart');
  if ((text(input, 'PackageType') ?? 'Zip') !== 'Zip') throw unsupported('PackageType Image');
}

/** A part of an operation that is missing here. */
export const unsupported = (what: string): AwsError =>
  new AwsError('InvalidParameterValueException', { message: `Spillway does not support ${what}. Leave it out.` });
