/** Injects the `HttpService` of @nestjs/axios where an upstream goes through it; nothing is provided elsewhere. */
export const HTTP_SERVICE = Symbol('frontage.http.service');
