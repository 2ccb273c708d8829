import type { IncomingMessage } from 'node:http';
import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { Public } from '@frontage/auth';
import type { BrowserResponse, Sessions } from '@frontage/sessions';
import { TakesMedia } from '../body/takes.decorator.js';
import { rawRequest } from '../exchange/exchange.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

type PlatformRequest = IncomingMessage | { readonly raw: IncomingMessage };

/** Both platforms of Nest have these. */
interface PlatformResponse {
  status(code: number): unknown;
  header(name: string, value: string | string[]): unknown;
}

/**
 * The routes of browser sessions. They are open, because each has a check of its own: the state of a login, the header field against requests
 * of other origins, or the signature of a logout token.
 */
@Controller()
export class SessionsController {
  readonly #runtime: GatewayRuntime;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  /** Sends the browser to the login of a provider. `returnTo` is the path that it comes back to. */
  @Public()
  @Get('login')
  async login(@Req() request: PlatformRequest, @Res({ passthrough: true }) response: PlatformResponse) {
    const raw = rawRequest(request);
    return send(response, await this.#sessions.login(raw, new URLSearchParams(searchOf(raw))));
  }

  /** The provider sends the browser here after a login. */
  @Public()
  @Get('callback/:provider')
  async callback(
    @Param('provider') provider: string,
    @Req() request: PlatformRequest,
    @Res({ passthrough: true }) response: PlatformResponse,
  ) {
    const raw = rawRequest(request);
    return send(response, await this.#sessions.callback(provider, searchOf(raw), raw));
  }

  /** Ends the session. The response names the location at which the login at the provider ends too. */
  @Public()
  @Post('logout')
  async logout(@Req() request: PlatformRequest, @Res({ passthrough: true }) response: PlatformResponse) {
    return send(response, await this.#sessions.logout(rawRequest(request)));
  }

  /** A provider says here that a login has ended (OpenID Connect Back-Channel Logout 1.0). */
  @Public()
  @Post('backchannel-logout')
  @TakesMedia('application/x-www-form-urlencoded')
  async backChannelLogout(@Body() body: unknown, @Res({ passthrough: true }) response: PlatformResponse) {
    const token: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'logout_token') : undefined;
    return send(response, await this.#sessions.backChannelLogout(typeof token === 'string' ? token : undefined));
  }

  /** The user of the session, and its end. */
  @Public()
  @Get('session')
  async describe(@Req() request: PlatformRequest, @Res({ passthrough: true }) response: PlatformResponse) {
    return send(response, await this.#sessions.describe(rawRequest(request)));
  }

  get #sessions(): Sessions {
    const { sessions } = this.#runtime;
    if (sessions === undefined) throw new Error('the policy has no access.sessions');
    return sessions;
  }
}

const searchOf = ({ url = '' }: IncomingMessage): string => {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at);
};

function send(response: PlatformResponse, { status, headers, body }: BrowserResponse): BrowserResponse['body'] {
  response.status(status);
  for (const [name, value] of Object.entries(headers))
    response.header(name, typeof value === 'string' ? value : [...value]);
  return body;
}
