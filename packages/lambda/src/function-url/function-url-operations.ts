// CreateFunctionUrlConfig and its kin. Same as AWS, by the service's model and recordings of its answers: statuses, documents, errors.
// On purpose: FunctionUrl is the local address, in plain HTTP.
import { AwsError, type FunctionUrlConfiguration, type FunctionUrlCors } from '@spillway/wire';
import { Constraints } from '../control-plane/constraints.ts';
import { flag, type Input, integer, structure, text, texts } from '../control-plane/input-members.ts';
import {
  type JsonCall,
  jsonOperation,
  type LambdaContext,
  type LambdaOperation,
} from '../control-plane/lambda-operation.ts';
import { type FunctionReference, parseFunctionName } from '../function-name.ts';
import { type FunctionUrl, type FunctionUrls, referenceTo } from './function-urls.ts';

const URL_PATH = '/2021-10-31/functions/{FunctionName}/url';
const AUTH_TYPES = ['AWS_IAM', 'NONE'] as const;
const INVOKE_MODES = ['RESPONSE_STREAM', 'BUFFERED'] as const;
const QUALIFIER = '((?!^\\d+$)^[0-9a-zA-Z-_]+$)';
const MAX_ITEMS = 50;

/** Also documented on each operation: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html */
export const functionUrlOperations: readonly LambdaOperation[] = [
  jsonOperation('CreateFunctionUrlConfig', { at: `POST ${URL_PATH}`, status: 201, run: create }),
  jsonOperation('GetFunctionUrlConfig', {
    at: `GET ${URL_PATH}`,
    status: 200,
    run: ({ functionUrls, region }, call) => document(functionUrls, functionUrls.get(referenceOf(call, region))),
  }),
  jsonOperation('UpdateFunctionUrlConfig', { at: `PUT ${URL_PATH}`, status: 200, run: update }),
  jsonOperation('DeleteFunctionUrlConfig', {
    at: `DELETE ${URL_PATH}`,
    status: 204,
    run: async ({ functionUrls, region }, call) => {
      const reference = referenceOf(call, region);
      functionUrls.get(reference);
      await functionUrls.delete(reference);
    },
  }),
  jsonOperation('ListFunctionUrlConfigs', {
    at: 'GET /2021-10-31/functions/{FunctionName}/urls',
    status: 200,
    run: list,
  }),
];

async function create({ functionUrls, region }: LambdaContext, call: JsonCall): Promise<object> {
  const { authType, invokeMode, cors } = readInput(call.input);
  new Constraints().required('authType', authType).hold();
  const { name: functionName, qualifier } = referenceOf(call, region);
  const made = await functionUrls.create({
    functionName,
    ...(qualifier !== undefined && { qualifier }),
    authType: authType ?? 'AWS_IAM',
    invokeMode: invokeMode ?? 'BUFFERED',
    ...(cors && { cors }),
  });
  const { LastModifiedTime: _, InvokeMode, ...rest } = document(functionUrls, made);
  return { ...rest, ...(invokeMode !== undefined && { InvokeMode }) };
}

async function update({ functionUrls, region }: LambdaContext, call: JsonCall): Promise<object> {
  const change = readInput(call.input);
  const changed = await functionUrls.update(referenceOf(call, region), (configuration) => ({
    ...configuration,
    ...change,
  }));
  return document(functionUrls, changed);
}

function list({ functionUrls, region }: LambdaContext, { parameters, query }: JsonCall): object {
  const { name } = parseFunctionName(parameters['FunctionName'] ?? '', region);
  const most = Number(query['MaxItems'] ?? MAX_ITEMS);
  new Constraints().range('maxItems', most, 1, MAX_ITEMS).hold();
  const all = functionUrls.ofFunction(name);
  const start = Number(query['Marker'] ?? 0);
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new AwsError('InvalidParameterValueException', { message: 'Invalid Marker' });
  }
  const page = all.slice(start, start + most);
  const next = start + page.length;
  return {
    FunctionUrlConfigs: page.map((url) => document(functionUrls, url)),
    ...(next < all.length && { NextMarker: String(next) }),
  };
}

function document(functionUrls: FunctionUrls, url: FunctionUrl) {
  const { configuration, creationTime, lastModifiedTime } = url;
  return {
    FunctionUrl: functionUrls.text(url),
    FunctionArn: functionUrls.functionArn(referenceTo(configuration)),
    AuthType: configuration.authType,
    ...(configuration.cors && { Cors: corsDocument(configuration.cors) }),
    CreationTime: creationTime,
    LastModifiedTime: lastModifiedTime,
    InvokeMode: configuration.invokeMode,
  };
}

const corsDocument = (cors: FunctionUrlCors) =>
  Object.fromEntries(Object.entries(cors).map(([name, value]) => [`${name[0]?.toUpperCase()}${name.slice(1)}`, value]));

/** The qualifier of the query, or of the name. @throws AwsError `ValidationException` for one that is no alias. */
function referenceOf({ parameters, query }: JsonCall, region: string): FunctionReference {
  const { name, qualifier: ofName } = parseFunctionName(parameters['FunctionName'] ?? '', region);
  const qualifier = query['Qualifier'] ?? ofName;
  new Constraints()
    .pattern('qualifier', qualifier, QUALIFIER, /^(?!\d+$)[\w-]+$/)
    .length('qualifier', qualifier, 128, 1)
    .hold();
  return { name, ...(qualifier !== undefined && { qualifier }) };
}

type Settings = Partial<Pick<FunctionUrlConfiguration, 'authType' | 'invokeMode' | 'cors'>>;

function readInput(input: Input): Settings {
  const authType = text(input, 'AuthType');
  const invokeMode = text(input, 'InvokeMode');
  const cors = structure(input, 'Cors');
  new Constraints().oneOf('authType', authType, AUTH_TYPES).oneOf('invokeMode', invokeMode, INVOKE_MODES).hold();
  return Object.fromEntries(
    Object.entries({ authType, invokeMode, cors: cors && readCors(cors) }).filter(([, value]) => value !== undefined),
  );
}

function readCors(input: Input): FunctionUrlCors {
  const cors = {
    allowCredentials: flag(input, 'AllowCredentials'),
    allowHeaders: texts(input, 'AllowHeaders'),
    allowMethods: texts(input, 'AllowMethods'),
    allowOrigins: texts(input, 'AllowOrigins'),
    exposeHeaders: texts(input, 'ExposeHeaders'),
    maxAge: integer(input, 'MaxAge'),
  };
  const constraints = new Constraints()
    .length('cors.allowHeaders', cors.allowHeaders, 100)
    .length('cors.allowMethods', cors.allowMethods, 6)
    .length('cors.allowOrigins', cors.allowOrigins, 100)
    .length('cors.exposeHeaders', cors.exposeHeaders, 100)
    .range('cors.maxAge', cors.maxAge, 0, 86_400);
  // So OPTIONS is no method that can be named: it needs no permission.
  for (const [index, method] of (cors.allowMethods ?? []).entries()) {
    constraints.length(`cors.allowMethods.${index + 1}.member`, method, 6);
  }
  constraints.hold();
  return Object.fromEntries(Object.entries(cors).filter(([, value]) => value !== undefined));
}
