/** The reason why a name has no address, with the codes of `dns.lookup`. */
export class NameError extends Error {
  readonly code: 'ENOTFOUND' | 'EAI_AGAIN';
  readonly syscall = 'getaddrinfo';
  readonly hostname: string;

  constructor(code: 'ENOTFOUND' | 'EAI_AGAIN', hostname: string, message: string) {
    super(message);
    this.name = 'NameError';
    this.code = code;
    this.hostname = hostname;
  }
}

export const noSuchName = (hostname: string): NameError =>
  new NameError('ENOTFOUND', hostname, `the name "${hostname}" has no address`);

export const notTold = (hostname: string, why: string): NameError =>
  new NameError('EAI_AGAIN', hostname, `no address for the name "${hostname}": ${why}`);
