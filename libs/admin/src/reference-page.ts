import { table } from '@frontage/core';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AdminPage } from './admin.server.js';

const require = createRequire(import.meta.url);

interface Asset {
  readonly contentType: string;
  readonly file: string;
}

/** The files of Swagger UI that the page loads, and nothing else of that package. `frontage pack` finds each by its name. */
const assets: Readonly<Record<string, Asset>> = table({
  'swagger-ui.css': { contentType: 'text/css; charset=utf-8', file: require.resolve('swagger-ui-dist/swagger-ui.css') },
  'swagger-ui-bundle.js': {
    contentType: 'text/javascript; charset=utf-8',
    file: require.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  },
  'favicon-32x32.png': { contentType: 'image/png', file: require.resolve('swagger-ui-dist/favicon-32x32.png') },
});

/** `x-frontage-source` of an operation, one row per member; Swagger UI shows the value of an extension as one long line. */
const sources = `const sources = ({ React }) => ({ wrapComponents: { OperationExtRow: (Row) => (props) => {
  const value = props.xVal && props.xVal.toJS ? props.xVal.toJS() : props.xVal;
  if (props.xKey !== 'x-frontage-source' || value === null || typeof value !== 'object') return React.createElement(Row, props);
  const cell = (text) => React.createElement('td', { style: { paddingRight: '1em' } }, text);
  return Object.entries(value).map(([member, text]) => React.createElement('tr', { key: member }, cell(member), cell(text)));
} } });\n`;

const start = `${sources}SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, tryItOutEnabled: false, supportedSubmitMethods: [], defaultModelsExpandDepth: 0, docExpansion: 'list', showExtensions: true, plugins: [sources] });\n`;

/** The reference of the BFF for people: Swagger UI over `/openapi.json`. Read from disk when looked at, not at start. */
export async function referencePage(path: string, title: string): Promise<AdminPage | undefined> {
  const name = path.replace(/^\/docs\/?/, '');
  if (name === '') return { contentType: 'text/html; charset=utf-8', body: page(title) };
  if (name === 'start.js') return { contentType: 'text/javascript; charset=utf-8', body: start };
  const asset = assets[name];
  return asset === undefined ? undefined : { contentType: asset.contentType, body: await readFile(asset.file) };
}

/** Parts of Swagger UI for sending requests, and the empty column of links: this page is for reading. */
const hidden = [
  '.scheme-container',
  '.response-control-media-type__accept-message',
  '.response-col_links',
  '.parameters-col_description :is(input, select, textarea):disabled',
]
  .map((part) => `    .swagger-ui ${part} { display: none; }`)
  .join('\n');

const page = (title: string): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <style>
${hidden}
  </style>
</head>
<body>
  <div id="reference"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;
