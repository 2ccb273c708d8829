export { serveProcesses, type ServeOptions } from '@frontage/cluster/serve';
