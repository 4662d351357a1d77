import { expect, test } from 'vitest';
import { problemsOf, readText } from '../test/read-text.ts';

const template = (value: string) => `Resources:
  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "\${AWS::StackName}-files"}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src, FunctionName: mine}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: r}}
  Logs: {Type: AWS::Logs::LogGroup}
Outputs:
  O: {Value: ${value}}
`;

test.each([
  ['!Ref Files', 'shop-files'],
  ['!GetAtt Files.Arn', 'arn:aws:s3:::shop-files'],
  ['!GetAtt Files.DomainName', 'shop-files.s3.amazonaws.com'],
  ['!GetAtt Files.RegionalDomainName', 'shop-files.s3.eu-west-1.amazonaws.com'],
  ['!Ref Fn', 'mine'],
  ['!GetAtt Fn.Arn', 'arn:aws:lambda:eu-west-1:000000000000:function:mine'],
  ['!GetAtt Role.Arn', 'arn:aws:iam::000000000000:role/r'],
  ['!GetAtt Logs.Arn', 'arn:aws:logs:eu-west-1:000000000000:log-group:Logs:*'],
  ['!Ref AWS::AccountId', '000000000000'],
  ['!Ref AWS::Partition', 'aws'],
  ['!Ref AWS::Region', 'eu-west-1'],
  ['!Ref AWS::StackName', 'shop'],
  ['!Ref AWS::URLSuffix', 'amazonaws.com'],
])('%s is %s', async (value, expected) => {
  expect((await readText(template(value))).outputs[0]?.value).toBe(expected);
});

test.each([
  ['!Ref Nobody', 'Nobody is neither a resource nor a parameter of this template.'],
  ['!GetAtt Nobody.Arn', 'Nobody is neither a resource nor a parameter of this template.'],
  [`!Sub "a-\${Nobody}"`, 'Nobody is neither a resource nor a parameter of this template.'],
  ['!GetAtt Files.WebsiteURL', 'Files (AWS::S3::Bucket) has no attribute WebsiteURL that Spillway knows.'],
  ['!Ref AWS::Nothing', 'The pseudo parameter AWS::Nothing is not supported.'],
])('%s is named', async (value, message) => {
  expect((await problemsOf(template(value)))[1]).toMatch(
    new RegExp(`^template\\.yaml:7:\\d+: ${message.replaceAll(/[()]/g, '\\$&')}$`),
  );
});

test('what is not named gets a name that is one, by its logical ID', async () => {
  const long = 'StackWithAVeryLongNameOfItsOwnForTheDownloadFunctionOfTheShopAndTheFiles';
  const { functions, buckets, outputs } = await readText(`Resources:
  B: {Type: AWS::S3::Bucket}
  ${long}1: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src}}
  ${long}2: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src}}
Outputs:
  Bucket: {Value: !Ref B}
  Function: {Value: !Ref ${long}2}
`);
  const names = functions.map(({ functionName }) => functionName);
  expect(new Set(names.filter((name) => /^StackWith[\w-]{55}$/.test(name))).size).toBe(2);
  expect(outputs.map(({ value }) => value)).toEqual(['b-bucket', names[1]]);
  expect(buckets[0]?.bucketName).toBe('b-bucket');
});
