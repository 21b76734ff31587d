// node-smpp's server as an SMSC that answers every submit_sm with an id. One JSON line with its port at once, one with
// what it saw when its input ends.
'use strict';

const smpp = require('smpp');

let submits = 0;

const server = smpp.createServer((session) => {
  session.on('error', () => session.close());
  session.on('bind_transmitter', (pdu) => session.send(pdu.response({ system_id: 'node' })));
  session.on('submit_sm', (pdu) => {
    submits += 1;
    session.send(pdu.response({ message_id: submits.toString(16) }));
  });
});

process.stdin.resume();
process.stdin.on('end', () => {
  process.stdout.write(JSON.stringify({ submits }) + '\n', () => process.exit(0));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(JSON.stringify({ port: server.address().port }) + '\n'));
