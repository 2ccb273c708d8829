import type { CallersConfig } from '@frontage/config';
import type { Caller } from '@frontage/context';

/** True if the caller has one of the roles, or one of the scopes. */
export const isNamed = ({ roles, scopes }: CallersConfig, caller: Caller | undefined): boolean =>
  caller !== undefined &&
  (roles.some((role) => caller.roles.includes(role)) || scopes.some((scope) => caller.scopes.includes(scope)));
