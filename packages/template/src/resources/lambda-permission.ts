import { PERMISSION } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
export function readLambdaPermission(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, PERMISSION, context.problems);
  // A condition that is not evaluated would let more callers in than the author allowed.
  if (properties.names.some((name) => !PERMISSION.supported.includes(name))) return;
  const functionName = properties.requiredText('FunctionName');
  const action = properties.requiredText('Action');
  const principal = properties.requiredText('Principal');
  const sourceArn = properties.text('SourceArn');
  const sourceAccount = properties.text('SourceAccount');
  const functionUrlAuthType = properties.oneOf('FunctionUrlAuthType', ['NONE', 'AWS_IAM']);
  const invokedViaFunctionUrl = properties.boolean('InvokedViaFunctionUrl');
  if (functionName === undefined || action === undefined || principal === undefined) return;
  draft.permissions.push({
    functionName,
    statementId: resource.logicalId,
    action,
    principal,
    ...(sourceArn === undefined ? {} : { sourceArn }),
    ...(sourceAccount === undefined ? {} : { sourceAccount }),
    ...(functionUrlAuthType === undefined ? {} : { functionUrlAuthType }),
    ...(invokedViaFunctionUrl === undefined ? {} : { invokedViaFunctionUrl }),
  });
}
