import { answerFaults, type RawAnswer } from './answer-faults.ts';
import { type ModelInput, modelRequest } from './model-request.ts';
import { readServiceModel, type ServiceModel, type ServiceName } from './service-model.ts';
import { parseXml, type XmlElement } from './xml-document.ts';

/** What an operation answered. */
export interface Answer extends RawAnswer {
  /** One value of the body, by its place: `items.0.id`, `CreateRoleResult.Role.Arn`. */
  text(path: string): string;
}

/** Calls an operation over HTTP and holds the raw answer against the service's model. */
export type Call = (operation: string, input?: ModelInput) => Promise<Answer>;

/** Calls of one service, and all that was wrong with what they answered. */
export class CheckedCalls {
  readonly walked: Set<string> = new Set();
  readonly faults: string[] = [];
  readonly #service: ServiceName;
  readonly #url: string;
  readonly #model: ServiceModel;

  constructor(service: ServiceName, url: string) {
    this.#service = service;
    this.#url = url;
    this.#model = readServiceModel(service);
  }

  readonly call: Call = async (name, input = {}) => {
    this.walked.add(name);
    const { method, path, headers, body } = modelRequest(this.#service, this.#model, name, input);
    const response = await fetch(`${this.#url}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const answer = { status: response.status, headers: response.headers, body: await response.text() };
    for (const fault of answerFaults(this.#model, name, answer)) this.faults.push(`${name}: ${fault}`);
    return { ...answer, text: (at) => lookUp(answer.body, at) };
  };
}

function lookUp(text: string, path: string): string {
  const names = path.split('.');
  if (text.startsWith('<')) {
    const inside = (element: XmlElement | undefined, name: string) =>
      element?.children.find((child) => child.name === name);
    return names.reduce(inside, parseXml(text) as XmlElement | undefined)?.text ?? missing(path, text);
  }
  const inside = (value: unknown, name: string) => (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  const found = names.reduce(inside, JSON.parse(text) as unknown);
  return found === undefined ? missing(path, text) : String(found);
}

function missing(path: string, text: string): never {
  throw new Error(`no ${path} in ${text}`);
}
