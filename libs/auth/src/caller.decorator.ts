import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { requestContextOf, type Caller as VerifiedCaller } from '@frontage/context';

/** The caller, as far as verification established it. */
export type Caller<Claims extends object | undefined = undefined> = VerifiedCaller<Claims>;

/**
 * Gives the verified caller to a handler: `show(@Caller() caller: Caller)`. A request to a `@Public` route may have no caller: declare
 * the parameter as `Caller | undefined` there.
 * @throws Error when the route did not pass the gateway's pipeline
 */
export const Caller = createParamDecorator(
  (_data: unknown, execution: ExecutionContext): VerifiedCaller | undefined => {
    const context = requestContextOf(execution.switchToHttp().getRequest<object>());
    if (context === undefined) {
      throw new Error(
        `@Caller() in ${execution.getClass().name}.${execution.getHandler().name}: no pipeline ran before this handler; import FrontageModule in the app's root module`,
      );
    }
    return context.caller;
  },
);
