import type { AccountDocument } from './documents.ts';
import { type Call, type ControlPlane, type Operation, ok } from './operation.ts';
import { applyPatches, type PatchPath, readPatchOperations } from './patch-operations.ts';
import { badRequest } from './refusal.ts';
import { shown } from './views.ts';

// GetAccount, UpdateAccount. Same as AWS: the shape, and AWS's default throttle settings, which nothing here enforces. On purpose: logs are
// written without a cloudwatchRoleArn, and whether the role exists is not asked.

export const ACCOUNT_OPERATIONS: readonly Operation[] = [
  { name: 'GetAccount', method: 'GET', path: '/account', run: (_call, { restApis }) => ok(view(restApis.account())) },
  { name: 'UpdateAccount', method: 'PATCH', path: '/account', run: updateAccount },
];

async function updateAccount({ input }: Call, { restApis }: ControlPlane) {
  const account = applyPatches(restApis.account(), readPatchOperations(input), PATHS);
  await restApis.write([account]);
  return ok(view(account));
}

const PATHS: readonly PatchPath<AccountDocument>[] = [
  {
    path: '/cloudwatchRoleArn',
    ops: ['replace', 'remove', 'add'],
    apply: ({ cloudwatchRoleArn: _, ...account }, value, _keys, op) => {
      if (op === 'remove' || value === '') return account;
      if (!/^arn:[^:]+:iam::\d*:role\/.+/.test(value)) throw badRequest('Invalid ARN specified in the request');
      return { ...account, cloudwatchRoleArn: value };
    },
  },
];

const view = ({ cloudwatchRoleArn }: AccountDocument) => ({
  ...shown({ cloudwatchRoleArn }),
  throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
  features: ['UsagePlans'],
  apiKeyVersion: '4',
});
