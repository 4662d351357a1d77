import { AwsError } from '@spillway/wire';
import type { IamStore, Role } from './iam-store.ts';
import { isAwsManaged, policyNameOf } from './managed-policy.ts';
import { policyName, required, roleName } from './members.ts';
import { page } from './page.ts';
import { encodedDocument, identityPolicy } from './policy-document.ts';
import type { QueryOperations } from './query-operation.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_ATTACHED_POLICIES = 10;

/** Managed policies attached to roles, and policies that are a role's own. */
export function rolePolicyOperations(store: IamStore): QueryOperations {
  return { ...attachedPolicyOperations(store), ...inlinePolicyOperations(store) };
}

function attachedPolicyOperations(store: IamStore): QueryOperations {
  return {
    AttachRolePolicy: async (input) => {
      const arn = required(input, 'PolicyArn');
      await store.changeRole(roleName(input), (role) => attached(store, role, arn));
      return undefined;
    },
    DetachRolePolicy: async (input) => {
      const arn = required(input, 'PolicyArn');
      await store.changeRole(roleName(input), (role) => {
        if (!role.attachedPolicies.includes(arn)) {
          throw new AwsError('NoSuchEntity', { message: `Policy ${arn} was not found.` });
        }
        return { ...role, attachedPolicies: role.attachedPolicies.filter((other) => other !== arn) };
      });
      return undefined;
    },
    ListAttachedRolePolicies: (input) => {
      const prefix = input.get('PathPrefix') ?? '/';
      const arns = store.role(roleName(input)).attachedPolicies.filter((arn) => pathOf(arn).startsWith(prefix));
      return page(input, 'AttachedPolicies', arns, policyNameOf, (arn) => ({
        PolicyName: policyNameOf(arn),
        PolicyArn: arn,
      }));
    },
  };
}

const pathOf = (arn: string) => arn.replace(/^[^/]*/, '');

function attached(store: IamStore, role: Role, arn: string): Role {
  if (role.attachedPolicies.includes(arn)) return role;
  if (!isAwsManaged(arn) && store.policies.get(arn) === undefined) {
    throw new AwsError('NoSuchEntity', { message: `Policy ${arn} does not exist or is not attachable.` });
  }
  if (role.attachedPolicies.length >= MAX_ATTACHED_POLICIES) {
    throw new AwsError('LimitExceeded', {
      message: `Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED_POLICIES}`,
    });
  }
  return { ...role, attachedPolicies: [...role.attachedPolicies, arn] };
}

function inlinePolicyOperations(store: IamStore): QueryOperations {
  return {
    PutRolePolicy: async (input) => {
      const [name, document] = [policyName(input), identityPolicy(input)];
      await store.changeRole(roleName(input), (role) => ({
        ...role,
        inlinePolicies: { ...role.inlinePolicies, [name]: document },
      }));
      return undefined;
    },
    GetRolePolicy: (input) => {
      const name = policyName(input);
      const role = store.role(roleName(input));
      return { RoleName: role.name, PolicyName: name, PolicyDocument: encodedDocument(inlinePolicy(role, name)) };
    },
    DeleteRolePolicy: async (input) => {
      const name = policyName(input);
      await store.changeRole(roleName(input), (role) => {
        inlinePolicy(role, name);
        const { [name]: _, ...inlinePolicies } = role.inlinePolicies;
        return { ...role, inlinePolicies };
      });
      return undefined;
    },
    ListRolePolicies: (input) => {
      const names = Object.keys(store.role(roleName(input)).inlinePolicies);
      return page(
        input,
        'PolicyNames',
        names,
        (name) => name,
        (name) => name,
      );
    },
  };
}

/** @throws AwsError `NoSuchEntity`. */
function inlinePolicy({ inlinePolicies }: Role, name: string): string {
  const document = Object.hasOwn(inlinePolicies, name) ? inlinePolicies[name] : undefined;
  if (document !== undefined) return document;
  throw new AwsError('NoSuchEntity', { message: `The role policy with name ${name} cannot be found.` });
}
