const json = 'content-type: application/json\r\n';
export const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
const get = (more = '', line = 'GET /get HTTP/1.1'): string => `${line}\r\nhost: x\r\n${more}\r\n`;
const post = (fields: string, body: string): string =>
  `POST /echo HTTP/1.1\r\nhost: x\r\n${json}${fields}\r\n\r\n${body}`;
const chunked = (body: string): string => post('transfer-encoding: chunked', body);

/** One connection: what is sent, and how many of its requests may reach a handler. Behind each, one to `/smuggled` follows at once. */
export interface FramingCase {
  readonly name: string;
  readonly bytes: string;
  readonly handled: number;
}
const taken = (name: string, bytes: string): FramingCase => ({ name, bytes, handled: 2 });
const refused = (name: string, bytes: string): FramingCase => ({ name, bytes, handled: 0 });

/** RFC 9112, section by section. Where the norm lets a server choose, the strict choice is expected. */
export const framingCases: readonly FramingCase[] = [
  taken('2.2: a plain request', get()),
  taken('2.2: an empty line before the request', `\r\n${get()}`),
  refused('2.2: blanks before the first field', get().replace('\r\nhost', '\r\n host')),
  refused('2.2: bare LF as the end of lines', get().replaceAll('\r\n', '\n')),
  refused('2.2: bare CR as the end of lines', get().replaceAll('\r\n', '\r')),
  refused('2.2: a bare CR in a value', get('x-a: b\rc\r\n')),
  refused('2.2: LF before CR LF', get('x-a: b\n\r\n')),
  refused('2.3: version 1.2', get('', 'GET /get HTTP/1.2')),
  refused('2.3: version 2.0', get('', 'GET /get HTTP/2.0')),
  refused('2.3: version 0.9', get('', 'GET /get HTTP/0.9')),
  refused('2.3: version 1', get('', 'GET /get HTTP/1')),
  refused('2.3: version 1.10', get('', 'GET /get HTTP/1.10')),
  refused('2.3: version in small letters', get('', 'GET /get http/1.1')),
  // The parser of Node takes it for HTTP/1.0, and says nothing of it: one request, and the end of the connection.
  { name: '2.3: RTSP, which is read as HTTP', bytes: get('', 'GET /get RTSP/1.0'), handled: 1 },
  refused('2.3: another protocol', get('', 'GET /get XTTP/1.1')),
  refused('2.3: no version', get('', 'GET /get')),
  taken('3: two blanks before the target, which the norm allows to take', get('', 'GET  /get HTTP/1.1')),
  taken('3: two blanks before the version, which the norm allows to take', get('', 'GET /get  HTTP/1.1')),
  refused('3: a tab for a blank', get('', 'GET\t/get HTTP/1.1')),
  refused('3: a blank behind the version', get('', 'GET /get HTTP/1.1 ')),
  refused('3: a blank in the target', get('', 'GET /g et HTTP/1.1')),
  refused('3: a zero byte in the target', get('', 'GET /get\0 HTTP/1.1')),
  refused('3.1: a colon in the method', get('', 'G:T /get HTTP/1.1')),
  refused('3.1: no method', get('', ' /get HTTP/1.1')),
  refused('3.2: no host', 'GET /get HTTP/1.1\r\n\r\n'),
  refused('3.2: two hosts', get('host: y\r\n')),
  refused('3.2: the same host twice', get('host: x\r\n')),
  taken('5: no blank behind the colon', get('x-a:b\r\n')),
  taken('5: blanks around the value', get('x-a: \t b \t \r\n')),
  taken('5: an empty value', get('x-a:\r\n')),
  refused('5.1: a blank before the colon', get('x-a : b\r\n')),
  refused('5.1: a blank before the colon of a length', post('content-length : 2', '{}')),
  refused('5.1: a blank before the colon of a coding', post('transfer-encoding : chunked', '0\r\n\r\n')),
  refused('5.1: a field without a colon', get('x-a\r\n')),
  refused('5.1: a field without a name', get(': b\r\n')),
  refused('5.1: a blank in a name', get('x a: b\r\n')),
  refused('5.1: a byte beyond ASCII in a name', get('x-\u00e4: b\r\n')),
  refused('5.2: a folded line', get('x-a: b\r\n c\r\n')),
  refused(
    '5.2: a folded line that holds a coding',
    post('x-a: b\r\n transfer-encoding: chunked\r\ncontent-length: 2', '{}'),
  ),
  refused('5: a zero byte in a value', get('x-a: b\0c\r\n')),
  refused('5: a control byte in a value', get('x-a: b\u0001c\r\n')),
  taken('6.1: a chunked body', chunked('2\r\n{}\r\n0\r\n\r\n')),
  taken('6.1: the coding in capitals', post('Transfer-Encoding: CHUNKED', '2\r\n{}\r\n0\r\n\r\n')),
  refused(
    '6.1: a coding and a length',
    post('content-length: 4\r\ntransfer-encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'),
  ),
  refused(
    '6.1: a length and a coding',
    post('transfer-encoding: chunked\r\ncontent-length: 4', '2\r\n{}\r\n0\r\n\r\n'),
  ),
  refused(
    '6.1: a coding in version 1.0',
    post('transfer-encoding: chunked', '2\r\n{}\r\n0\r\n\r\n').replace('1.1', '1.0'),
  ),
  refused('6.1: an unknown coding', post('transfer-encoding: xchunked', '0\r\n\r\n')),
  refused('6.1: identity', post('transfer-encoding: identity', '0\r\n\r\n')),
  refused('6.1: gzip before chunked', post('transfer-encoding: gzip, chunked', '0\r\n\r\n')),
  refused('6.1: chunked that is not last', post('transfer-encoding: chunked, gzip', '0\r\n\r\n')),
  refused('6.1: chunked twice', post('transfer-encoding: chunked, chunked', '0\r\n\r\n')),
  refused('6.1: two fields of codings', post('transfer-encoding: chunked\r\ntransfer-encoding: chunked', '0\r\n\r\n')),
  refused('6.1: an empty coding', post('transfer-encoding:', '0\r\n\r\n')),
  refused('6.1: a coding in quotes', post('transfer-encoding: "chunked"', '0\r\n\r\n')),
  refused('6.1: a coding with a parameter', post('transfer-encoding: chunked;q=1', '0\r\n\r\n')),
  refused('6.1: a tab within the coding', post('transfer-encoding: \u000bchunked', '0\r\n\r\n')),
  taken('6.2: a length', post('content-length: 2', '{}')),
  taken('6.2: a length with leading zeros', post('content-length: 0002', '{}')),
  refused('6.2: a length with a sign', post('content-length: +2', '{}')),
  refused('6.2: a negative length', post('content-length: -2', '{}')),
  refused('6.2: a hexadecimal length', post('content-length: 0x2', '{}')),
  refused('6.2: a length with a point', post('content-length: 2.0', '{}')),
  refused('6.2: a length with an exponent', post('content-length: 2e0', '{}')),
  refused('6.2: a length with a blank in it', post('content-length: 2 2', '{}')),
  refused('6.2: a list of the same length', post('content-length: 2, 2', '{}')),
  refused('6.2: two lengths', post('content-length: 2\r\ncontent-length: 3', '{}')),
  refused('6.2: the same length twice', post('content-length: 2\r\ncontent-length: 2', '{}')),
  refused('6.2: an empty length', post('content-length:', '{}')),
  refused('6.2: a length beyond 64 bits', post('content-length: 18446744073709551618', '{}')),
  taken('7.1: a chunk size in capitals', chunked('000A\r\n{"a":"bc"}\r\n0\r\n\r\n')),
  taken('7.1: a last chunk of several zeros', chunked('2\r\n{}\r\n000\r\n\r\n')),
  refused('7.1: a chunk size that is no number', chunked('zz\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: an empty chunk size', chunked('\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: a chunk size with 0x', chunked('0x2\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: a chunk size with a sign', chunked('+2\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: a blank before a chunk size', chunked(' 2\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: a chunk size of 17 digits', chunked('10000000000000002\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: a chunk that is longer than its size', chunked('1\r\n{}\r\n0\r\n\r\n')),
  refused('7.1: a chunk that ends in LF', chunked('2\r\n{}\n0\r\n\r\n')),
  refused('7.1: a chunk size that ends in LF', chunked('2\n{}\r\n0\r\n\r\n')),
  taken('7.1.1: an extension', chunked('2;a=b\r\n{}\r\n0\r\n\r\n')),
  refused('7.1.1: LF in an extension', chunked('2;a\nb\r\n{}\r\n0\r\n\r\n')),
  taken('7.1.2: a trailer', chunked('2\r\n{}\r\n0\r\nx-a: b\r\n\r\n')),
  refused('7.1.2: a trailer without a colon', chunked('2\r\n{}\r\n0\r\nx-a\r\n\r\n')),
];
