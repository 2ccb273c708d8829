import type { PackedPort } from './policy-chain.js';

export interface ContainerOptions {
  /** Name of the app. */
  readonly name: string;
  /** Version of Node.js, such as `24.21.0`. */
  readonly node: string;
  readonly port: PackedPort | undefined;
  /** True if packages are left to install. */
  readonly installs: boolean;
}

/**
 * The image of an app: two stages, so that nothing of the preparation is in it; a user without rights; nothing is written at run time, so it
 * starts with a read-only root.
 */
export function dockerfile({ name, node, port, installs }: ContainerOptions): string {
  const install = installs
    ? `COPY --chown=node:node package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
`
    : '';
  const check =
    port === undefined
      ? ''
      : `
EXPOSE ${port.port}
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "healthcheck.js"]`;
  return `# ${name}: docker build -t ${name} . && docker run --read-only --cap-drop ALL --security-opt no-new-privileges ${name}
ARG NODE_VERSION=${node}

FROM node:\${NODE_VERSION}-slim AS prepared
WORKDIR /srv/app
RUN chown node:node /srv/app
USER node
${install}COPY --chown=node:node . .
ENV NODE_ENV=production
# The compiled code belongs to this version of Node.js and to this user. Nothing connects and no port is opened.
RUN node main.js --describe > /dev/null

FROM node:\${NODE_VERSION}-slim
WORKDIR /srv/app
# The files belong to root: the app cannot change itself.
COPY --from=prepared --chown=root:root /srv/app .
ENV NODE_ENV=production
USER node${check}
STOPSIGNAL SIGTERM
# The exec form: node gets the signal, and requests under way end.
CMD ["node", "serve.js"]
`;
}

/** The folder itself is what an image gets, without what each system makes by itself. */
export const dockerignore = `Dockerfile
.dockerignore
.git
cache
node_modules
npm-debug.log*
`;
