// An ESME made of node-smpp, in the hand of a test: commands come as JSON lines on stdin, what happens goes out as JSON
// lines on stdout. Sockets, PDUs and alphabets are all node-smpp's own; octets go as {"hex": ...}; nothing is decided
// here.
'use strict';

const readline = require('readline');
const smpp = require('smpp');

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const fromJson = (key, value) => (value && value.hex !== undefined ? Buffer.from(value.hex, 'hex') : value);
let session = null;

const shown = (name) => (pdu) => {
  session.send(pdu.response());
  const part = pdu.short_message && pdu.short_message.message ? pdu.short_message : pdu.message_payload || { message: '' };
  const unnamed = Object.keys(pdu).filter((key) => /^\d+$/.test(key));
  say({
    event: 'heard',
    command: name,
    source: pdu.source_addr,
    destination: pdu.destination_addr,
    esm_class: pdu.esm_class,
    text: part.message,
    udh: (part.udh || []).map((element) => element.toString('hex')),
    receipted: pdu.receipted_message_id || '',
    tlvs: Object.fromEntries(unnamed.map((key) => [key, pdu[key].toString('hex')])),
  });
};

const attend = (joined) => {
  session = joined;
  session.on('error', (error) => say({ event: 'error', why: String(error) }));
  session.on('close', () => say({ event: 'ended' }));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => session.send(pdu.response(), () => session.close()));
  session.on('deliver_sm', shown('deliver_sm'));
  session.on('data_sm', shown('data_sm'));
};

const commands = {
  connect: ({ number, port, tls }) => {
    attend(smpp.connect({ host: '127.0.0.1', port, ...tls }, () => say({ event: 'connected', answers: number })));
  },
  listen: ({ number, system_id: systemId, password }) => {
    const server = smpp.createServer((called) => {
      attend(called);
      called.on('outbind', () => called.bind_receiver({ system_id: systemId, password }));
    });
    server.listen(0, '127.0.0.1', () => say({ event: 'listening', answers: number, port: server.address().port }));
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
      command: pdu.command,
      status: pdu.command_status,
      message_id: pdu.message_id || '',
      fields: { message_state: pdu.message_state, final_date: pdu.final_date || '', unsuccess: pdu.unsuccess_sme },
    }));
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line, fromJson);
  commands[command.do](command);
}).on('close', () => process.exit(0));
