// An SMSC made of node-smpp, in the hand of a test: commands come as JSON lines on stdin, what happens goes out as JSON
// lines on stdout. Sockets, PDUs and alphabets are all node-smpp's own; octets go as {"hex": ...}; nothing is decided
// here.
'use strict';

const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const fromJson = (key, value) => (value && value.hex !== undefined ? Buffer.from(value.hex, 'hex') : value);
const waiting = new Map();
let session = null;
let everybody = true;
let count = 0;

const bind = (peer) => (pdu) => {
  if (!everybody) {
    peer.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }), () => peer.close());
    return;
  }
  session = peer;
  peer.send(pdu.response({ system_id: 'node' }));
  say({ event: 'bound', system_id: pdu.system_id, password: pdu.password });
};

const submitted = (pdu) => {
  count += 1;
  waiting.set(count, pdu);
  say({
    event: 'submit',
    count,
    source: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
    destination: [pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr],
    text: pdu.short_message.message,
    udh: (pdu.short_message.udh || []).map((element) => element.toString('hex')),
    esm_class: pdu.esm_class,
    data_coding: pdu.data_coding,
    registered_delivery: pdu.registered_delivery,
    reference: pdu.user_message_reference === undefined ? null : pdu.user_message_reference,
  });
};

// A certificate with its key, for TLS.
const pem = process.argv[2] && fs.readFileSync(process.argv[2]);
const server = smpp.createServer(pem ? { key: pem, cert: pem } : {}, (peer) => {
  peer.on('error', (error) => say({ event: 'error', why: String(error) }));
  for (const mode of ['transmitter', 'receiver', 'transceiver']) peer.on(`bind_${mode}`, bind(peer));
  peer.on('enquire_link', (pdu) => peer.send(pdu.response()));
  peer.on('unbind', (pdu) => peer.send(pdu.response(), () => peer.close()));
  peer.on('submit_sm', submitted);
});

const commands = {
  admit: (command) => {
    everybody = command.everybody;
    say({ event: 'admitted', answers: command.number });
  },
  answer: ({ count: which, status, message_id: id }) => {
    const pdu = waiting.get(which);
    waiting.delete(which);
    session.send(pdu.response({ command_status: status, message_id: id }));
  },
  // The library sends a TLV that has a name; this gives one to a vendor's.
  named: ({ number, name, tag }) => {
    smpp.addTLV(name, { id: tag, type: smpp.types.tlv.buffer });
    say({ event: 'named', answers: number });
  },
  request: ({ number, command, fields }) => {
    session.send(new smpp.PDU(command, fields), (pdu) => say({
      event: 'answer',
      answers: number,
      status: pdu.command_status,
    }));
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line, fromJson);
  commands[command.do](command);
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.address().port }));
