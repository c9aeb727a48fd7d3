// SPDX-License-Identifier: GPL-3.0-or-later
//
// Replicates the documents of a file (JSON lines) from one PouchDB to an empty one, then a thousand changes, and prints
// both times in seconds. Run where `npm install pouchdb` was run; nothing of it comes with Tessera.
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const PouchDB = require('pouchdb');

async function main() {
  const folder = fs.mkdtempSync(path.join(require('os').tmpdir(), 'tessera-pouchdb-'));
  const a = new PouchDB(path.join(folder, 'a'));
  const b = new PouchDB(path.join(folder, 'b'));
  const lines = readline.createInterface({ input: fs.createReadStream(process.argv[2]) });
  const changed = [];
  let batch = [];
  for await (const line of lines) {
    batch.push(JSON.parse(line));
    if (batch.length === 1000) { await a.bulkDocs(batch); batch = []; }
  }
  if (batch.length) await a.bulkDocs(batch);
  let start = process.hrtime.bigint();
  await PouchDB.replicate(a, b, { batch_size: 1000 });
  const full = Number(process.hrtime.bigint() - start) / 1e9;
  const some = await a.allDocs({ include_docs: true, limit: 400 });
  for (const row of some.rows) changed.push({ ...row.doc, phone: '+001' });
  for (let i = 0; i < 600; i++) changed.push({ ...some.rows[i % 400].doc, _id: 'new' + i, _rev: undefined });
  await a.bulkDocs(changed);
  start = process.hrtime.bigint();
  await PouchDB.replicate(a, b, { batch_size: 1000 });
  const later = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(`${full} ${later}`);
  fs.rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 100 });
}

main();
