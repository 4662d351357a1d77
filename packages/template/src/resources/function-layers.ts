import { type Layer, parseWebAdapterLayerArn } from '@spillway/wire';
import type { Properties } from '../properties.ts';
import type { ReadContext, StackDraft } from '../read-context.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_LAYERS = 5;

/** The layers that a function names: those of this template, and the public one of the web adapter. */
export function readLayers(properties: Properties, draft: StackDraft, context: ReadContext): Layer[] {
  const arns = properties.texts('Layers');
  checkArns(arns, properties, context);
  return arns.flatMap((arn) => {
    const layer = draft.layers.get(arn) ?? parseWebAdapterLayerArn(arn);
    if (layer === undefined) refuseLayer(arn, properties, context);
    return layer ?? [];
  });
}

/** In Lambda's words. */
function checkArns(arns: readonly string[], properties: Properties, { problems }: ReadContext): void {
  const refuse = (message: string) =>
    problems.error(properties.at('Layers'), `Layers of ${properties.label}: ${message}`);
  if (arns.length > MAX_LAYERS) refuse(`Cannot reference more than ${MAX_LAYERS} layers.`);
  const seen = new Map<string, string>();
  for (const arn of arns) {
    const name = arn.replace(/:\d+$/, '');
    const other = seen.get(name);
    if (other !== undefined) {
      refuse(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    }
    seen.set(name, arn);
  }
}

const LAYER_ARN = /^arn:[\w-]+:lambda:([\w-]+):\d+:layer:([\w-]+):\d+$/;

function refuseLayer(arn: string, properties: Properties, { problems }: ReadContext): void {
  const [, region, name] = LAYER_ARN.exec(arn) ?? [];
  const at = properties.at('Layers');
  if (name === undefined) {
    problems.error(at, `Layers of ${properties.label}: ${JSON.stringify(arn)} is not the ARN of a layer version.`);
    return;
  }
  problems.unsupported(
    at,
    `Layers of ${properties.label}: the layer ${arn} is not supported: layers at AWS are not fetched. Download it (curl -o ${name}.zip "$(aws lambda get-layer-version-by-arn --region ${region} --arn ${arn} --query Content.Location --output text)"), and refer to it as an AWS::Serverless::LayerVersion with ContentUri: ${name}.zip.`,
  );
}
