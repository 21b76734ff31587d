// An SMSC made of node-smpp, in the hand of a test: commands come as JSON lines on stdin, what happens goes out as
// JSON lines on stdout. Sockets, PDUs and alphabets are all node-smpp's own; nothing is decided here.
'use strict';

const readline = require('readline');
const smpp = require('smpp');

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const waiting = new Map();
let session = null;
let count = 0;

const concatOf = (udh) => {
  for (const element of udh || []) {
    if (element[0] === 0x00) return [element[2], element[3], element[4]];
    if (element[0] === 0x08) return [element.readUInt16BE(2), element[4], element[5]];
  }
  return null;
};

const server = smpp.createServer((peer) => {
  peer.on('error', (error) => say({ event: 'error', why: String(error) }));
  peer.on('bind_transceiver', (pdu) => {
    session = peer;
    peer.send(pdu.response({ system_id: 'node' }));
    say({ event: 'bound', system_id: pdu.system_id, password: pdu.password });
  });
  peer.on('enquire_link', (pdu) => peer.send(pdu.response()));
  peer.on('unbind', (pdu) => {
    peer.send(pdu.response());
    peer.close();
  });
  peer.on('submit_sm', (pdu) => {
    count += 1;
    waiting.set(count, pdu);
    say({
      event: 'submit',
      number: count,
      source: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
      destination: [pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr],
      text: pdu.short_message.message,
      esm_class: pdu.esm_class,
      data_coding: pdu.data_coding,
      registered_delivery: pdu.registered_delivery,
      reference: pdu.user_message_reference === undefined ? null : pdu.user_message_reference,
      concat: concatOf(pdu.short_message.udh),
    });
  });
});

const commands = {
  answer: ({ number, status, message_id: id }) => {
    const pdu = waiting.get(number);
    waiting.delete(number);
    session.send(pdu.response({ command_status: status, message_id: id }));
  },
  deliver: ({ number, sender, text, esm_class: esmClass, data_coding: coding, header, tlv }) => {
    const message = header ? { udh: Buffer.from(header, 'hex'), message: text } : text;
    const fields = {
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: sender,
      dest_addr_ton: 3,
      destination_addr: '1330',
      esm_class: esmClass,
      data_coding: coding,
      short_message: message,
    };
    if (tlv) fields.receipted_message_id = tlv;
    session.deliver_sm(fields, (pdu) => say({ event: 'delivered', number, status: pdu.command_status }));
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.address().port }));
