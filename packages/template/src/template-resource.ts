import type { MapEntry, Position, TemplateNode } from './template-node.ts';

/** An entry of the template's Resources whose condition, if it has one, is true. Nothing in it is resolved yet. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  /** Of the logical ID. */
  readonly at: Position;
  /** Of the type. */
  readonly typeAt: Position;
  readonly properties: ReadonlyMap<string, MapEntry>;
  readonly metadata?: TemplateNode;
}
