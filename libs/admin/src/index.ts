export {
  AdminServer,
  findPage,
  jsonPage,
  readJson,
  readinessPage,
  urlHost,
  type AdminAction,
  type AdminActions,
  type AdminArea,
  type AdminPage,
  type AdminRoute,
} from './admin.server.js';
export type { ReadinessPeers, ReadinessReport } from './readiness-report.js';
