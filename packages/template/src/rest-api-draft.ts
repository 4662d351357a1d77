import type {
  Authorizer,
  EndpointType,
  GatewayResponse,
  Integration,
  Method,
  Resource,
  RestApi,
  StageConfiguration,
} from '@spillway/wire';
import type { Problems } from './problems.ts';
import { resourceId, rootResourceId } from './references.ts';
import type { Position } from './template-node.ts';

export interface IntegrationDraft {
  readonly integration: Integration;
  /** Of the transfer mode, or of the integration when it sets none. */
  readonly modeAt: Position;
  readonly timeoutAt: Position;
}

/** Who may call a method. */
export type MethodAuthorization = Pick<Method, 'authorizationType' | 'authorizerId'>;

export interface MethodDraft {
  readonly at: Position;
  readonly httpMethod: string;
  readonly requestParameters: Readonly<Record<string, boolean>>;
  readonly integration?: IntegrationDraft;
  /** Undefined: open to all. */
  readonly authorization?: MethodAuthorization;
  readonly apiKeyRequired?: boolean;
  readonly operationName?: string;
  readonly methodResponses?: Method['methodResponses'];
}

interface ResourceDraft {
  readonly id: string;
  readonly methods: Map<string, MethodDraft>;
}

export interface RestApiDraftOptions {
  readonly logicalId: string;
  readonly id: string;
  readonly at: Position;
  readonly name: string;
  /** Undefined: not given, so EDGE, as on AWS. */
  readonly endpointType: EndpointType | undefined;
  readonly disableExecuteApiEndpoint: boolean;
}

/** What API Gateway lets a path part be. */
const PATH_PART = /^(?:[\w.,:~-]+|\{[\w.:-]+\+?\})$/;

/** A REST API while its resources and methods come in, in any order. */
export class RestApiDraft {
  readonly options: RestApiDraftOptions;
  readonly binaryMediaTypes: string[] = [];
  readonly authorizers: Authorizer[] = [];
  readonly gatewayResponses: GatewayResponse[] = [];
  readonly stages: StageConfiguration[] = [];
  apiKeySource?: RestApi['apiKeySource'];
  disableExecuteApiEndpoint: boolean;
  readonly #resources = new Map<string, ResourceDraft>();
  readonly #problems: Problems;

  constructor(options: RestApiDraftOptions, problems: Problems) {
    this.options = options;
    this.disableExecuteApiEndpoint = options.disableExecuteApiEndpoint;
    this.#problems = problems;
    this.#resources.set('/', { id: rootResourceId(options.id), methods: new Map() });
  }

  get endpointType(): EndpointType {
    return this.options.endpointType ?? 'EDGE';
  }

  /** Every path with the methods it has so far. */
  get paths(): ReadonlyMap<string, { readonly methods: ReadonlyMap<string, MethodDraft> }> {
    return this.#resources;
  }

  get methods(): MethodDraft[] {
    return [...this.#resources.values()].flatMap(({ methods }) => [...methods.values()]);
  }

  /** Adds `path` and all above it. A slash at its end does not count. */
  addResource(path: string, at: Position): void {
    let parent = '/';
    for (const part of path.split('/').filter((piece) => piece !== '')) parent = this.addPart(parent, part, at);
  }

  /** Adds one resource below `parent` and returns its path. */
  addPart(parent: string, part: string, at: Position, id?: string): string {
    const path = parent === '/' ? `/${part}` : `${parent}/${part}`;
    if (!this.#resources.has(path)) {
      this.#check(parent, part, at);
      this.#resources.set(path, { id: id ?? resourceId(`${this.options.id}${path}`), methods: new Map() });
    }
    return path;
  }

  addMethod(path: string, method: MethodDraft): void {
    this.addResource(path, method.at);
    const { methods } = this.#resources.get(normalized(path)) ?? {};
    if (methods?.has(method.httpMethod)) {
      const { logicalId } = this.options;
      this.#problems.error(method.at, `${method.httpMethod} ${path} of ${logicalId} is defined twice.`);
    }
    methods?.set(method.httpMethod, method);
  }

  /** Replaces every method. */
  mapMethods(change: (method: MethodDraft) => MethodDraft): void {
    for (const { methods } of this.#resources.values()) {
      for (const [httpMethod, method] of methods) methods.set(httpMethod, change(method));
    }
  }

  toRestApi(): RestApi {
    const { id, name } = this.options;
    return {
      id,
      name,
      endpointType: this.endpointType,
      binaryMediaTypes: [...new Set(this.binaryMediaTypes)],
      disableExecuteApiEndpoint: this.disableExecuteApiEndpoint,
      ...(this.apiKeySource === undefined ? {} : { apiKeySource: this.apiKeySource }),
      ...(this.authorizers.length === 0 ? {} : { authorizers: this.authorizers }),
      ...(this.gatewayResponses.length === 0 ? {} : { gatewayResponses: this.gatewayResponses }),
      resources: [...this.#resources].map(([path, draft]) => this.#toResource(path, draft)),
    };
  }

  #toResource(path: string, { id, methods }: ResourceDraft): Resource {
    const byMethod = Object.fromEntries([...methods].map(([name, method]) => [name, toMethod(method)]));
    if (path === '/') return { id, path, methods: byMethod };
    const slash = path.lastIndexOf('/');
    const parentId = this.#resources.get(path.slice(0, slash) || '/')?.id;
    const resource = { id, pathPart: path.slice(slash + 1), path, methods: byMethod };
    return parentId === undefined ? resource : { ...resource, parentId };
  }

  /** What API Gateway refuses, in its words where they are known. */
  #check(parent: string, part: string, at: Position): void {
    if (!PATH_PART.test(part)) {
      this.#problems.error(
        at,
        `${JSON.stringify(part)} cannot be a part of a path: API Gateway allows letters, digits and _ - . , : or a variable such as {key} or {key+}.`,
      );
    }
    if (parent.endsWith('+}')) {
      const greedy = parent.slice(parent.lastIndexOf('/') + 1);
      this.#problems.error(at, `Cannot create a child of a resource with a greedy path variable: ${greedy}`);
    }
    const sibling = isVariable(part) ? this.#variableBelow(parent) : undefined;
    if (sibling !== undefined) {
      this.#problems.error(
        at,
        `A sibling (${sibling}) of this resource already has a variable path part -- only one is allowed`,
      );
    }
  }

  #variableBelow(parent: string): string | undefined {
    const prefix = parent === '/' ? '/' : `${parent}/`;
    const below = [...this.#resources.keys()].filter((path) => path.startsWith(prefix));
    return below.map((path) => path.slice(prefix.length)).find((rest) => isVariable(rest) && !rest.includes('/'));
  }
}

/** Without a slash at its end, and with one at its start. */
export const normalized = (path: string): string =>
  `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;

const isVariable = (part: string) => part.startsWith('{');

function toMethod(draft: MethodDraft): Method {
  const { httpMethod, requestParameters, integration, authorization, apiKeyRequired } = draft;
  const { operationName, methodResponses } = draft;
  return {
    httpMethod,
    authorizationType: 'NONE',
    ...authorization,
    ...(apiKeyRequired === undefined ? {} : { apiKeyRequired }),
    requestParameters,
    ...(operationName === undefined ? {} : { operationName }),
    ...(methodResponses === undefined ? {} : { methodResponses }),
    ...(integration === undefined ? {} : { integration: integration.integration }),
  };
}
