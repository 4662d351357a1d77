import { ACCOUNT_ID } from '@spillway/wire';
import type { QueryOperations } from './query-operation.ts';

export function stsOperations(): QueryOperations {
  return {
    GetCallerIdentity: () => ({ Arn: `arn:aws:iam::${ACCOUNT_ID}:root`, UserId: ACCOUNT_ID, Account: ACCOUNT_ID }),
  };
}
