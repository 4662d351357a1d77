import { AwsError, stableId } from '@spillway/wire';
import { findRestApi } from './find.ts';
import { type Call, type ControlPlane, type Operation, ok, parameter } from './operation.ts';
import { page } from './pages.ts';

// GetModels, GetModel, GetRequestValidators. Same as AWS: a new API has the models Empty and Error, which methods may name, and no
// validator. Missing, and refused by name: models and validators of one's own.

const MODELS = '/restapis/{restapi_id}/models';

export const MODEL_OPERATIONS: readonly Operation[] = [
  { name: 'GetModels', method: 'GET', path: MODELS, run: getModels },
  { name: 'GetModel', method: 'GET', path: `${MODELS}/{model_name}`, run: getModel },
  {
    name: 'GetRequestValidators',
    method: 'GET',
    path: '/restapis/{restapi_id}/requestvalidators',
    run: getRequestValidators,
  },
];

const SCHEMA = 'http://json-schema.org/draft-04/schema#';

interface Model {
  readonly name: string;
  readonly description: string;
  readonly schema: string;
}

const DEFAULT_MODELS: readonly Model[] = [
  {
    name: 'Empty',
    description: 'This is a default empty schema model',
    schema: JSON.stringify({ $schema: SCHEMA, title: 'Empty Schema', type: 'object' }, undefined, 2),
  },
  {
    name: 'Error',
    description: 'This is a default error schema model',
    schema: JSON.stringify(
      { $schema: SCHEMA, title: 'Error Schema', type: 'object', properties: { message: { type: 'string' } } },
      undefined,
      2,
    ),
  },
];

function getModels(call: Call, controlPlane: ControlPlane) {
  const { restApi } = findRestApi(call, controlPlane);
  return page(call, DEFAULT_MODELS, ({ name }) => name, viewFor(restApi.id));
}

function getModel(call: Call, controlPlane: ControlPlane) {
  const { restApi } = findRestApi(call, controlPlane);
  const name = parameter(call, 'model_name');
  const model = DEFAULT_MODELS.find((known) => known.name === name);
  if (model !== undefined) return ok(viewFor(restApi.id)(model));
  throw new AwsError('NotFoundException', { message: `Invalid model name specified: ${name}` });
}

const viewFor = (restApiId: string) => (model: Model) => ({
  id: stableId(`${restApiId}/${model.name}`).slice(0, 6),
  ...model,
  contentType: 'application/json',
});

function getRequestValidators(call: Call, controlPlane: ControlPlane) {
  findRestApi(call, controlPlane);
  return ok({ item: [] });
}
