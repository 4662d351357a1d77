import { expect, test } from 'vitest';
import { problemsOf, readText } from '../test/read-text.ts';

test.each([
  ['AWS::Serverless::HttpApi', 'HTTP APIs cannot stream responses; Spillway serves REST APIs'],
  ['AWS::ApiGateway::UsagePlan', 'usage plans are not emulated; an API key opens its stages without one'],
  ['AWS::ApiGateway::UsagePlanKey', 'usage plans are not emulated; an API key opens its stages without one'],
  ['AWS::CloudFormation::Stack', 'nested stacks are not read; give each template with its own --template'],
])('says why %s is refused', async (type, reason) => {
  const text = `Transform: AWS::Serverless-2016-10-31\nResources:\n  X: {Type: ${type}}\n`;
  expect(await problemsOf(text)).toContain(`template.yaml:3:13: X: ${type} is not supported: ${reason}.`);
});

test('a type nobody thought of is refused by name', async () => {
  expect(await problemsOf('Resources: {X: {Type: "Custom::Thing"}}')).toContain(
    'template.yaml:1:23: X: Custom::Thing is not supported.',
  );
});

const provisioned = (isProd: boolean) => `Transform: AWS::Serverless-2016-10-31
Conditions: {IsProd: !Equals ["${isProd}", "true"]}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
      ProvisionedConcurrencyConfig: !If [IsProd, {ProvisionedConcurrentExecutions: !ImportValue Count}, !Ref AWS::NoValue]
`;

test('a property that a condition leaves out is not there', async () => {
  expect((await readText(provisioned(false))).functions).toHaveLength(1);
  expect(await problemsOf(provisioned(true))).toContain(
    'template.yaml:10:7: ProvisionedConcurrencyConfig of Fn is not supported: versions and aliases are not emulated.',
  );
});
