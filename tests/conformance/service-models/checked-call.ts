import { parseXml, type XmlElement } from '../../../packages/origin/test/xml-document.ts';
import { answerFaults, type RawAnswer } from './answer-faults.ts';
import { type ModelInput, type ModelRequest, modelRequest } from './model-request.ts';
import { refusalFaults } from './refusal-faults.ts';
import { readServiceModel, type ServiceModel, type ServiceName } from './service-model.ts';

/** What an operation answered. */
interface Answer extends RawAnswer {
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
  readonly #requests: { readonly name: string; readonly request: ModelRequest }[] = [];

  constructor(service: ServiceName, url: string) {
    this.#service = service;
    this.#url = url;
    this.#model = readServiceModel(service);
  }

  readonly call: Call = async (name, input = {}) => {
    this.walked.add(name);
    const request = modelRequest(this.#service, this.#model, name, input);
    this.#requests.push({ name, request });
    const answer = await this.#send(request);
    for (const fault of answerFaults(this.#model, name, answer)) this.faults.push(`${name}: ${fault}`);
    return { ...answer, text: (at) => lookUp(answer.body, at) };
  };

  /** Sends what was sent before, but for what makes something, once more. Returns what is wrong with refusals, and what was refused. */
  async sendAgain(): Promise<{ readonly faults: readonly string[]; readonly refused: ReadonlySet<string> }> {
    const faults = new Set<string>();
    const refused = new Set<string>();
    for (const { name, request } of this.#requests.filter((sent) => !/^(Create|Publish|Import)/.test(sent.name))) {
      const answer = await this.#send(request);
      if (answer.status < 400) continue;
      refused.add(name);
      for (const fault of refusalFaults(this.#model, name, answer)) faults.add(`${name}: ${fault}`);
    }
    return { faults: [...faults], refused };
  }

  async #send({ method, path, headers, body }: ModelRequest): Promise<RawAnswer> {
    const response = await fetch(`${this.#url}${path}`, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }
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
