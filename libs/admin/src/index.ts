export {
  AdminServer,
  findPage,
  jsonPage,
  readinessPage,
  urlHost,
  type AdminAction,
  type AdminActions,
  type AdminPage,
  type AdminRoute,
} from './admin.server.js';
export type { ReadinessPeers, ReadinessReport } from './readiness-report.js';
