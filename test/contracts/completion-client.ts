import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { workspace } from './compile.js';

interface Completion {
  /** From the edit to the list. */
  readonly ms: number;
  readonly labels: readonly string[];
}

/** The messages of an editor to the language server of TypeScript 7 (`tsc --lsp --stdio`) for completion. */
export class CompletionClient {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #received = Buffer.alloc(0);
  #id = 0;
  #version = 0;

  private constructor(folder: string) {
    const server = join(workspace, 'node_modules/@typescript/native/bin/tsc');
    this.#child = spawn(process.execPath, [server, '--lsp', '--stdio'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  static async start(folder: string): Promise<CompletionClient> {
    const client = new CompletionClient(folder);
    const uri = pathToFileURL(folder).href;
    await client.#request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'measured' }],
      capabilities: { textDocument: { completion: { completionItem: { snippetSupport: false } } } },
    });
    client.#send({ method: 'initialized', params: {} });
    return client;
  }

  /** Gives the server a text and asks what may stand behind the last `before` in it. */
  async completeAt(file: string, text: string, before: string): Promise<Completion> {
    const uri = pathToFileURL(file).href;
    const upTo = text.slice(0, text.lastIndexOf(before) + before.length);
    const position = { line: upTo.split('\n').length - 1, character: upTo.length - upTo.lastIndexOf('\n') - 1 };
    const began = performance.now();
    this.#version++;
    if (this.#version === 1)
      this.#send({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri, languageId: 'typescript', version: 1, text } },
      });
    else
      this.#send({
        method: 'textDocument/didChange',
        params: { textDocument: { uri, version: this.#version }, contentChanges: [{ text }] },
      });
    const result = await this.#request('textDocument/completion', { textDocument: { uri }, position });
    return { ms: performance.now() - began, labels: labelsIn(result) };
  }

  async stop(): Promise<void> {
    await this.#request('shutdown');
    this.#send({ method: 'exit' });
    this.#child.kill();
  }

  #request(method: string, params?: object): Promise<unknown> {
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ id, method, ...(params === undefined ? {} : { params }) });
    });
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const head = this.#received.indexOf('\r\n\r\n');
      const length = Number(
        /content-length: (\d+)/i.exec(this.#received.toString('latin1', 0, Math.max(head, 0)))?.[1],
      );
      if (head < 0 || this.#received.length < head + 4 + length) return;
      const message: unknown = JSON.parse(this.#received.toString('utf8', head + 4, head + 4 + length));
      this.#received = this.#received.subarray(head + 4 + length);
      this.#take(message);
    }
  }

  #take(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message)) return;
    const { id } = message;
    // Requests of the server for settings of the client get null, so that defaults hold.
    if ('method' in message) this.#send({ id, result: null });
    else if (typeof id === 'number') {
      this.#waiting.get(id)?.('result' in message ? message.result : undefined);
      this.#waiting.delete(id);
    }
  }
}

function labelsIn(result: unknown): string[] {
  const items: unknown = typeof result === 'object' && result !== null && 'items' in result ? result.items : result;
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && 'label' in item && typeof item.label === 'string' ? [item.label] : [],
  );
}
