import type { OperationModule } from '@frontage/clients';

/** The name under which `bff.yaml` has the upstream. @throws TypeError for what is no generated module */
export function upstreamOf({ contract }: OperationModule): string {
  if (typeof contract === 'object' && contract !== null && 'upstream' in contract) {
    const { upstream } = contract;
    if (typeof upstream === 'string') return upstream;
  }
  throw new TypeError(
    "@InjectClient() takes a whole generated module: import * as orders from '@frontage/upstreams/orders'",
  );
}
