import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { parseTemplate } from './parse-template.ts';
import type { Problems } from './problems.ts';
import { type Position, type TemplateNode, unresolved } from './template-node.ts';

/** No template includes as many; one that includes itself would. */
const MAX_FILES = 100;

/**
 * Files that `Fn::Transform: AWS::Include` names by a local path, as `sam package` takes them.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
 */
export class IncludedFiles {
  readonly #directory: string;
  readonly #problems: Problems;
  #count = 0;

  constructor(directory: string, problems: Problems) {
    this.#directory = directory;
    this.#problems = problems;
  }

  read(location: string, at: Position): TemplateNode {
    this.#count += 1;
    const file = resolvePath(this.#directory, location);
    if (this.#count > MAX_FILES) this.#problems.error(at, `More than ${MAX_FILES} files are included.`);
    else if (/^(?:s3|https?):\/\//.test(location)) {
      this.#problems.unsupported(
        at,
        `AWS::Include of ${location} is not supported: nothing is fetched. Name a local file.`,
      );
    } else {
      return this.#parse(file, at) ?? unresolved(at);
    }
    return unresolved(at);
  }

  #parse(file: string, at: Position): TemplateNode | undefined {
    try {
      return parseTemplate(readFileSync(file, 'utf8'), file, this.#problems);
    } catch {
      this.#problems.error(at, `AWS::Include: ${file} cannot be read.`);
      return undefined;
    }
  }
}
