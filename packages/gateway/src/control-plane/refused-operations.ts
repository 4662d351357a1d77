import type { Operation } from './operation.ts';
import { notServed } from './refusal.ts';

const API = '/restapis/{restapi_id}';

/** What AWS has and Spillway has not, by AWS's name. Sub-resources need no line of their own: without the first there are none. */
const REFUSED: readonly (readonly [name: string, method: string, path: string])[] = [
  ['ImportApiKeys', 'POST', '/apikeys'],
  ['TestInvokeAuthorizer', 'POST', `${API}/authorizers/{authorizer_id}`],
  ['CreateModel', 'POST', `${API}/models`],
  ['UpdateModel', 'PATCH', `${API}/models/{model_name}`],
  ['DeleteModel', 'DELETE', `${API}/models/{model_name}`],
  ['GetModelTemplate', 'GET', `${API}/models/{model_name}/default_template`],
  ['CreateRequestValidator', 'POST', `${API}/requestvalidators`],
  ['GetRequestValidator', 'GET', `${API}/requestvalidators/{requestvalidator_id}`],
  ['UpdateRequestValidator', 'PATCH', `${API}/requestvalidators/{requestvalidator_id}`],
  ['DeleteRequestValidator', 'DELETE', `${API}/requestvalidators/{requestvalidator_id}`],
  ['FlushStageCache', 'DELETE', `${API}/stages/{stage_name}/cache/data`],
  ['GetExport', 'GET', `${API}/stages/{stage_name}/exports/{export_type}`],
  ['GetSdk', 'GET', `${API}/stages/{stage_name}/sdks/{sdk_type}`],
  ['GetSdkTypes', 'GET', '/sdktypes'],
  ['GetSdkType', 'GET', '/sdktypes/{sdktype_id}'],
  ['GetDocumentationParts', 'GET', `${API}/documentation/parts`],
  ['CreateDocumentationPart', 'POST', `${API}/documentation/parts`],
  ['ImportDocumentationParts', 'PUT', `${API}/documentation/parts`],
  ['GetDocumentationVersions', 'GET', `${API}/documentation/versions`],
  ['CreateDocumentationVersion', 'POST', `${API}/documentation/versions`],
  ['GetUsagePlans', 'GET', '/usageplans'],
  ['CreateUsagePlan', 'POST', '/usageplans'],
  ['GetClientCertificates', 'GET', '/clientcertificates'],
  ['GenerateClientCertificate', 'POST', '/clientcertificates'],
  ['GetDomainNames', 'GET', '/domainnames'],
  ['CreateDomainName', 'POST', '/domainnames'],
  ['GetDomainNameAccessAssociations', 'GET', '/domainnameaccessassociations'],
  ['CreateDomainNameAccessAssociation', 'POST', '/domainnameaccessassociations'],
  ['GetVpcLinks', 'GET', '/vpclinks'],
  ['CreateVpcLink', 'POST', '/vpclinks'],
];

/** Whole parts of AWS's API of which nothing is here: whatever stands below their paths. */
const REFUSED_BELOW: readonly (readonly [what: string, path: string])[] = [
  ['an operation on usage plans', '/usageplans'],
  ['an operation on client certificates', '/clientcertificates'],
  ['an operation on custom domain names', '/domainnames'],
  ['an operation on access associations of domain names', '/domainnameaccessassociations'],
  ['an operation on VPC links', '/vpclinks'],
  ['an operation on documentation', `${API}/documentation/parts`],
  ['an operation on documentation', `${API}/documentation/versions`],
];

const refuse = (what: string) => () => {
  throw notServed(what);
};

export const REFUSED_OPERATIONS: readonly Operation[] = [
  ...REFUSED.map(([name, method, path]) => ({ name, method, path, run: refuse(name) })),
  ...REFUSED_BELOW.flatMap(([what, path]) =>
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
      name: what,
      method,
      path: `${path}/{below+}`,
      run: refuse(what),
    })),
  ),
];
